import { pinned } from '../../core/cloudflare/tunnel/cloudflared.ts';
import { hostPart } from '../../core/deploy/child-env.ts';
import { redactor } from '../../core/secrets/redact.ts';
import type { Reporter } from '../reporter.ts';
import { composeConnector } from './compose-connector.ts';
import type { Connector, FoundConnector, RunAs } from './connector.ts';
import { hostSettings, type TunnelRequest } from './request.ts';
import { systemdConnector } from './systemd-connector.ts';
import type { TunnelPlace } from './with-tunnel-lock.ts';

/** Both kinds of a connector of this host, whichever is there. */
export type Connectors = Readonly<Record<RunAs, Connector>>;

export function connectorsHere(request: TunnelRequest, place: TunnelPlace, reporter: Reporter): Connectors {
  const { name, timeoutMs, signal, image, network, hostEnv } = request;
  const host = hostSettings(request);
  const shared = {
    ...place,
    tunnel: name,
    env: hostPart(hostEnv),
    user: host.user,
    release: host.release,
    firstPort: host.firstPort,
    timeoutMs,
    signal,
    reporter,
  };
  return {
    compose: composeConnector({ ...shared, image: image ?? pinned.image, network }),
    systemd: systemdConnector({
      ...shared,
      folders: host.folders,
      downloadBase: host.downloadBase,
      arch: host.arch,
    }),
  };
}

/** The connector that this host has, if any. */
export async function findConnector(
  connectors: Connectors,
): Promise<{ readonly connector: Connector; readonly found: FoundConnector } | undefined> {
  for (const connector of Object.values(connectors)) {
    const found = await connector.find();
    if (found !== undefined) return { connector, found };
  }
  return undefined;
}

/** What cloudflared printed last, without its token. */
export async function lastLinesOf(connector: Connector, token: string): Promise<string[]> {
  const lines = await connector.lastLines();
  return lines.map(redactor([token])).slice(-10);
}
