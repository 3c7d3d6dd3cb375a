import { connectorArguments } from './cloudflared.ts';

export interface UnitSettings {
  readonly tunnel: string;
  /** Absolute path of cloudflared. */
  readonly program: string;
  /** Absolute path; only root may read it. */
  readonly tokenFile: string;
  readonly port: number;
}

const hardening = [
  'DynamicUser=yes',
  'NoNewPrivileges=yes',
  'CapabilityBoundingSet=',
  'AmbientCapabilities=',
  'LockPersonality=yes',
  'MemoryDenyWriteExecute=yes',
  'PrivateDevices=yes',
  'PrivateTmp=yes',
  'PrivateUsers=yes',
  'ProtectClock=yes',
  'ProtectControlGroups=yes',
  'ProtectHome=yes',
  'ProtectHostname=yes',
  'ProtectKernelLogs=yes',
  'ProtectKernelModules=yes',
  'ProtectKernelTunables=yes',
  'ProtectProc=invisible',
  'ProtectSystem=strict',
  'RemoveIPC=yes',
  'RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK',
  'RestrictNamespaces=yes',
  'RestrictRealtime=yes',
  'RestrictSUIDSGID=yes',
  'SystemCallArchitectures=native',
  'SystemCallFilter=@system-service',
  'SystemCallFilter=~@privileged',
  'SystemCallErrorNumber=EPERM',
  'UMask=0077',
];

/**
 * The unit of a connector, enabled at boot. The service has a user of its own for as long as it runs, and gets the
 * token from systemd as a credential, so that no other user of the host can read it.
 */
export function unitText({ tunnel, program, tokenFile, port }: UnitSettings): string {
  // The variable is systemd's: the folder of the credentials. %d, which is the same, is younger (250).
  const args = connectorArguments(port, `\${CREDENTIALS_DIRECTORY}/token`);
  return [
    '# Written by Launch; `launch tunnel remove` takes it away. Changes are overwritten.',
    '[Unit]',
    `Description=Cloudflare Tunnel ${tunnel} (Launch)`,
    'Documentation=https://developers.cloudflare.com/cloudflare-one/networks/connectors/cloudflare-tunnel/',
    'Wants=network-online.target',
    'After=network-online.target',
    // The edge may be out of reach for long: never give up.
    'StartLimitIntervalSec=0',
    '',
    '[Service]',
    'Type=exec',
    // No updates of itself: what was verified is what runs.
    `ExecStart=${[program, '--no-autoupdate', ...args].map(quoted).join(' ')}`,
    `LoadCredential=token:${escaped(tokenFile)}`,
    'Restart=always',
    'RestartSec=5',
    'TimeoutStopSec=40',
    ...hardening,
    '',
    '[Install]',
    'WantedBy=multi-user.target',
    '',
  ].join('\n');
}

/** `%` begins a specifier. */
function escaped(text: string): string {
  return text.replaceAll('%', '%%');
}

/** One argument, of which only `${CREDENTIALS_DIRECTORY}` is a variable. */
function quoted(text: string): string {
  if (/^[A-Za-z0-9_./:=${}-]+$/.test(text)) return text;
  return `"${escaped(text).replace(/["\\]/g, '\\$&')}"`;
}
