// A host and a Cloudflare account on which a tunnel is made.
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { parseOrigin } from '../../src/core/cloudflare/tunnel/origin.ts';
import type { TunnelResult } from '../../src/core/cloudflare/tunnel/result.ts';
import { ensureTunnel } from '../../src/operations/tunnel/ensure-tunnel.ts';
import { removeTunnel } from '../../src/operations/tunnel/remove-tunnel.ts';
import type { HostSettings, TunnelRequest } from '../../src/operations/tunnel/request.ts';
import { tunnelStatus } from '../../src/operations/tunnel/tunnel-status.ts';
import type { FakeZone } from './cloudflare-api/dns.ts';
import { type FakeCloudflare, startFakeCloudflare } from './cloudflare-api/server.ts';
import { recordingReporter } from './recording-reporter.ts';
import { temporaryFolder } from './repository.ts';

export interface TunnelHost {
  readonly cloudflare: FakeCloudflare;
  readonly zone: FakeZone;
  readonly stateRoot: string;
  /** The folder of the tunnel `shop`. */
  readonly folder: string;
  readonly reporter: ReturnType<typeof recordingReporter>;
  /** What the operations said is secret. */
  readonly secrets: string[];
  ensure(part?: Partial<TunnelRequest>): Promise<TunnelResult>;
  status(part?: Partial<TunnelRequest>): Promise<TunnelResult>;
  remove(part?: Partial<TunnelRequest>): Promise<TunnelResult>;
  /** The requests since the last call that change something, as `PUT /zones/…`, ids left out. */
  changes(): string[];
  close(): Promise<void>;
}

export const hostname = 'chat.shop.example.org';

export async function tunnelHost(
  usual: Partial<TunnelRequest> & { readonly host?: Partial<HostSettings> } = {},
) {
  const cloudflare = await startFakeCloudflare();
  cloudflare.dns.addZone('example.com');
  const zone = cloudflare.dns.addZone('shop.example.org');
  cloudflare.dns.addZone('example.org');
  const stateRoot = temporaryFolder('launch-tunnel-');
  const reporter = recordingReporter();
  const secrets: string[] = [];
  // Tests that run side by side are like hosts of their own, and their ports are not.
  const firstPort = 21_000 + randomInt(80) * 100;
  const request = (part: Partial<TunnelRequest>): TunnelRequest => ({
    name: 'shop',
    hostname,
    origin: parseOrigin('http://127.0.0.1:3080', 'service'),
    zone: undefined,
    runAs: 'none',
    network: undefined,
    image: undefined,
    overwriteDns: false,
    confirm: undefined,
    timeoutMs: 20_000,
    dryRun: false,
    stateDir: stateRoot,
    apiToken: cloudflare.token,
    accountId: cloudflare.accountId,
    by: 'test@host',
    signal: undefined,
    onSecrets: (values) => void secrets.push(...values),
    ...usual,
    ...part,
    host: { firstPort, ...usual.host, ...part.host },
    hostEnv: {
      ...(usual.hostEnv ?? process.env),
      ...part.hostEnv,
      CLOUDFLARE_API_BASE_URL: cloudflare.url,
    },
  });
  let seen = 0;
  const host: TunnelHost = {
    cloudflare,
    zone,
    stateRoot,
    folder: join(stateRoot, '.tunnels/shop'),
    reporter,
    secrets,
    ensure: async (part = {}) => await ensureTunnel(request(part), reporter),
    status: async (part = {}) => await tunnelStatus(request(part), reporter),
    remove: async (part = {}) => await removeTunnel(request({ origin: undefined, ...part }), reporter),
    changes() {
      const since = cloudflare.requests.slice(seen);
      seen = cloudflare.requests.length;
      return since
        .filter(({ method }) => method !== 'GET')
        .map(({ method, path }) => `${method} ${path.replace(/\/[0-9a-f-]{32,36}(?=\/|$)/g, '/…')}`);
    },
    close: async () => await cloudflare.close(),
  };
  return host;
}
