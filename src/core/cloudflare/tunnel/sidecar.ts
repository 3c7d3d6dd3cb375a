import { stringify } from 'yaml';
import { connectorArguments, connectorName, metricsAddress } from './cloudflared.ts';

export interface SidecarSettings {
  readonly tunnel: string;
  readonly image: string;
  /** Absolute path, on the engine's host. */
  readonly tokenFile: string;
  /** `uid:gid` that may read the token. */
  readonly user: string;
  readonly port: number;
  /** A network of the engine, on which the origin has a name; undefined: that of the host. */
  readonly network: string | undefined;
}

/** Where the container finds its token. */
const inside = '/run/launch/token';

/**
 * The compose file of a connector: a project of its own, so that a deployment of the service it leads to leaves it
 * alone. `restart` brings it back at boot.
 */
export function sidecarFile({ tunnel, image, tokenFile, user, port, network }: SidecarSettings): string {
  const file = {
    name: connectorName(tunnel),
    services: {
      cloudflared: {
        image,
        // As in the image; said here so that an image of a mirror can't add to it.
        entrypoint: ['cloudflared', '--no-autoupdate'],
        command: connectorArguments(port, inside),
        user,
        restart: 'unless-stopped',
        ...(network === undefined ? { network_mode: 'host' } : { networks: ['origin'] }),
        // A mount, not a compose secret: compose makes the container anew when its path changes.
        volumes: [
          {
            type: 'bind',
            source: tokenFile,
            target: inside,
            read_only: true,
            bind: { create_host_path: false },
          },
        ],
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
        healthcheck: {
          test: ['CMD', 'cloudflared', 'tunnel', '--metrics', metricsAddress(port), 'ready'],
          interval: '5s',
          timeout: '5s',
          retries: 3,
          start_period: '60s',
        },
        stop_grace_period: '40s',
        labels: { 'launch.tunnel': tunnel },
        logging: { driver: 'json-file', options: { 'max-size': '10m', 'max-file': '3' } },
      },
    },
    ...(network === undefined ? {} : { networks: { origin: { external: true, name: network } } }),
  };
  // A dollar sign begins a variable of compose.
  return `# Written by Launch; \`launch tunnel remove\` takes it away. Changes are overwritten.\n${stringify(file).replaceAll('$', () => '$$')}`;
}
