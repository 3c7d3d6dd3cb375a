/** cloudflared, as Launch runs it. */
export interface CloudflaredRelease {
  readonly version: string;
  /** For the sidecar; the digest is that of the list of all platforms. */
  readonly image: string;
  /** By Node's name of the processor. */
  readonly programs: Readonly<Record<string, { readonly asset: string; readonly sha256: string }>>;
}

/** `--token-file` came with 2025.4.0. The checksums are those of the release page. */
export const pinned: CloudflaredRelease = {
  version: '2026.7.3',
  image:
    'cloudflare/cloudflared:2026.7.3@sha256:e39ee8da81ad5e05d77f38d2f51c60ca51bf2a8450ac3abab50c17fdb91d91bf',
  programs: {
    x64: {
      asset: 'cloudflared-linux-amd64',
      sha256: '9d71c677db00134c1bd4144b7783486b654ad281b1ea62b4972098d19f770f17',
    },
    arm64: {
      asset: 'cloudflared-linux-arm64',
      sha256: '65259e652a7bea08bf5df603233ab22b8bf3116af8df9f9206209af6a1b955c0',
    },
  },
};

export const downloadBase = 'https://github.com/cloudflare/cloudflared/releases/download';

/** Of a hundred ports for metrics; those from 20241 on are taken by a cloudflared that was started by hand. */
export const firstMetricsPort = 20_300;

/** Where a connector says whether it is connected; on loopback, because its pages also tell its configuration. */
export function metricsAddress(port: number): string {
  return `127.0.0.1:${port}`;
}

/** The arguments that run a connector. The token comes in a file: arguments are everybody's to see. */
export function connectorArguments(port: number, tokenFile: string): string[] {
  return ['tunnel', '--metrics', metricsAddress(port), 'run', '--token-file', tokenFile];
}

/** What a tunnel is called among the units and the compose projects of a host. */
export function connectorName(tunnel: string): string {
  return `launch-tunnel-${tunnel}`;
}
