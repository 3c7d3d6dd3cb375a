import { caddyProxy } from '../../../adapters/edge/caddy.ts';
import { serverFor, servers } from '../../../adapters/edge/caddy-routes.ts';
import { type EdgeSettings, readEdgeSettings } from '../../../adapters/edge/edge-file.ts';
import type { EdgeProxy, EdgeRoute } from '../../../core/deploy/edge.ts';
import type { Charge } from '../deployment.ts';
import type { Entrance } from '../driver.ts';

export interface OpenEdge {
  readonly proxy: EdgeProxy;
  readonly settings: EdgeSettings;
}

/** The edge proxy of this host; undefined where there is none. Before each change it asks whether that may be. */
export async function openEdge(stateRoot: string, charge: Charge): Promise<OpenEdge | undefined> {
  const settings = await readEdgeSettings(stateRoot);
  if (settings === undefined) return undefined;
  const beforeCall = async (method: string, path: string) => {
    if (method === 'GET') await charge.goOn();
    else await charge.beforeEffect(`${method} ${path} of the edge proxy`);
  };
  return { settings, proxy: proxyOf(settings, beforeCall) };
}

export function proxyOf(
  { admin, http, https, bind, tls }: EdgeSettings,
  beforeCall?: (method: string, path: string) => Promise<void>,
): EdgeProxy {
  return caddyProxy({ admin, tls, ports: { http, https, bind }, beforeCall });
}

/** Where requests for a route come in. */
export function entranceOf(
  settings: EdgeSettings,
  { host, path }: Pick<EdgeRoute, 'host' | 'path'>,
): Entrance {
  const tls = serverFor(host, settings.tls) === servers.tls;
  const wildcards = ['0.0.0.0', '::'];
  const address =
    settings.bind === undefined || wildcards.includes(settings.bind) ? '127.0.0.1' : settings.bind;
  return { address, port: tls ? settings.https : settings.http, tls, host, path };
}
