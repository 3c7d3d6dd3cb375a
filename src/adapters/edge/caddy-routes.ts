import * as z from 'zod/mini';
import { isPrivateHost, type ServedRoute, trimmed, type Upstream } from '../../core/deploy/edge.ts';

const handler = z.looseObject({
  upstreams: z.optional(z.array(z.looseObject({ dial: z.optional(z.string()) }))),
});

/** One of Caddy's routes; what Launch does not know of it stays as it is. */
const caddyRoute = z.looseObject({
  '@id': z.optional(z.string()),
  match: z.optional(
    z.array(z.looseObject({ host: z.optional(z.array(z.string())), path: z.optional(z.array(z.string())) })),
  ),
  handle: z.optional(z.array(handler)),
});

export const caddyRoutes = z.array(caddyRoute);
export type CaddyRoute = z.infer<typeof caddyRoute>;

/** The two servers that are Launch's; what else the proxy serves is none of its business. */
export const servers = { plain: 'launch_http', tls: 'launch_https' } as const;
export type ServerName = (typeof servers)[keyof typeof servers];

/** Where a route belongs: TLS is for hosts that can have a certificate, unless it is switched off. */
export function serverFor(host: string, tls: 'auto' | 'off'): ServerName {
  return tls === 'off' || isPrivateHost(host) ? servers.plain : servers.tls;
}

export interface PortSettings {
  readonly http: number;
  readonly https: number;
  /** The address that both listen on; undefined: all. */
  readonly bind?: string | undefined;
}

export function newServer(name: ServerName, { http, https, bind = '' }: PortSettings): unknown {
  const host = bind.includes(':') ? `[${bind}]` : bind;
  return name === servers.tls
    ? { listen: [`${host}:${https}`], routes: [] }
    : { listen: [`${host}:${http}`], automatic_https: { disable: true }, routes: [] };
}

/** Behind an id: where requests that are still under way are counted, though nobody gets there any more. */
const leavingSuffix = '-leaving';

export interface RouteChange {
  readonly id: string;
  readonly host: string;
  readonly path: string;
  readonly upstreams: readonly Upstream[];
  readonly leaving: readonly Upstream[];
}

/** The routes with one of them made or changed; the more exact a path is, the earlier it stands. */
export function withRoute(routes: readonly CaddyRoute[], change: RouteChange): CaddyRoute[] {
  const others = withoutRoute(routes, change.id);
  const path = trimmed(change.path);
  const made: CaddyRoute = {
    '@id': change.id,
    match: [{ host: [change.host], ...(path === '/' ? {} : { path: [path, `${path}/*`] }) }],
    handle: [proxyTo(change.upstreams)],
    terminal: true,
  };
  const at = others.findIndex((it) => exactness(it) < exactness(made));
  const placed = at === -1 ? [...others, made] : others.toSpliced(at, 0, made);
  if (change.leaving.length === 0) return placed;
  const counted: CaddyRoute = {
    '@id': `${change.id}${leavingSuffix}`,
    match: [{ host: [`${change.id}.leaving.invalid`] }],
    handle: [proxyTo(change.leaving)],
    terminal: true,
  };
  return [...placed, counted];
}

export function withoutRoute(routes: readonly CaddyRoute[], id: string): CaddyRoute[] {
  return routes.filter((it) => it['@id'] !== id && it['@id'] !== `${id}${leavingSuffix}`);
}

export function hasRoute(routes: readonly CaddyRoute[], id: string): boolean {
  return withoutRoute(routes, id).length < routes.length;
}

/** Launch's own routes. */
export function servedRoutes(routes: readonly CaddyRoute[]): ServedRoute[] {
  return routes.flatMap((route) => {
    const id = route['@id'];
    const match = route.match?.[0];
    const host = match?.host?.[0];
    if (id === undefined || host === undefined || id.endsWith(leavingSuffix)) return [];
    const upstreams = (route.handle?.[0]?.upstreams ?? []).flatMap((it) => it.dial ?? []);
    return [{ id, host, path: match?.path?.[0] ?? '/', upstreams }];
  });
}

function proxyTo(upstreams: readonly Upstream[]) {
  return { handler: 'reverse_proxy', upstreams: upstreams.map((dial) => ({ dial })) };
}

/** A host without a wildcard comes first, then the longer path. */
function exactness(route: CaddyRoute): number {
  const match = route.match?.[0];
  const wild = match?.host?.some((it) => it.includes('*')) ?? true;
  return (wild ? 0 : 10_000) + (match?.path?.[0]?.length ?? 0);
}
