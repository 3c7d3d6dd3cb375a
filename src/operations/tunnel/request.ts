import type { CloudflaredRelease } from '../../core/cloudflare/tunnel/cloudflared.ts';
import { downloadBase, firstMetricsPort, pinned } from '../../core/cloudflare/tunnel/cloudflared.ts';
import type { TunnelSettings } from '../../core/cloudflare/tunnel/settings.ts';
import { type SystemdFolders, usualFolders } from './systemd-connector.ts';

export interface TunnelRequest extends TunnelSettings {
  /** Whether DNS records of another owner may be replaced. */
  readonly overwriteDns: boolean;
  /** The tunnel's name again: it may be deleted. */
  readonly confirm: string | undefined;
  /** For each of the waits: for another run, for a download, for the connection. */
  readonly timeoutMs: number;
  readonly dryRun: boolean;
  readonly stateDir: string | undefined;
  readonly apiToken: string;
  readonly accountId: string;
  /** Who does it, for others who wait. */
  readonly by: string;
  readonly hostEnv: NodeJS.ProcessEnv;
  readonly signal: AbortSignal | undefined;
  /** Told the connector's token as soon as it is known, so that it is hidden from then on. */
  readonly onSecrets: (values: Iterable<string>) => void;
  readonly host?: Partial<HostSettings>;
}

/** What a host has of its own; other values are for tests. */
export interface HostSettings {
  readonly release: CloudflaredRelease;
  readonly downloadBase: string;
  readonly folders: SystemdFolders;
  readonly arch: string;
  /** Of a hundred, for metrics. */
  readonly firstPort: number;
  readonly user: { readonly uid: number; readonly gid: number };
}

export function hostSettings({ host = {}, hostEnv }: TunnelRequest): HostSettings {
  return {
    release: pinned,
    downloadBase: hostEnv['CLOUDFLARED_DOWNLOAD_BASE_URL'] || downloadBase,
    folders: usualFolders,
    arch: process.arch,
    firstPort: firstMetricsPort,
    user: { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 },
    ...host,
  };
}
