import { caddyProxy } from '../../../adapters/edge/caddy.ts';
import { type EdgeSettings, readEdgeSettings } from '../../../adapters/edge/edge-file.ts';
import type { EdgeProxy } from '../../../core/deploy/edge.ts';

export interface OpenEdge {
  readonly proxy: EdgeProxy;
  readonly settings: EdgeSettings;
}

/** The edge proxy of this host; undefined where there is none. */
export async function openEdge(stateRoot: string): Promise<OpenEdge | undefined> {
  const settings = await readEdgeSettings(stateRoot);
  return settings === undefined ? undefined : { settings, proxy: proxyOf(settings) };
}

export function proxyOf({ admin, http, https, bind, tls }: EdgeSettings): EdgeProxy {
  return caddyProxy({ admin, tls, ports: { http, https, bind } });
}
