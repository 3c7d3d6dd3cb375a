import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import type { Owner } from './additions.ts';

/** What of a service the edge proxy serves, as its release records it. */
export const edgeRoute = z.object({
  id: z.string(),
  host: z.string(),
  path: z.string(),
  /** Where its containers listen. */
  port: z.number(),
  /** The compose service whose containers they are. */
  service: z.string(),
});

export type EdgeRoute = z.infer<typeof edgeRoute>;

/** `address:port` of a container, as the proxy reaches it. */
export type Upstream = string;

/** A route as the proxy has it. */
export interface ServedRoute {
  readonly id: string;
  readonly host: string;
  readonly path: string;
  readonly upstreams: readonly Upstream[];
}

/**
 * The proxy in front of the services of a host. What it is asked for is either done as a whole or not at all:
 * a configuration that it refuses leaves the one before in force.
 */
export interface EdgeProxy {
  /** @throws LaunchError ENGINE_UNAVAILABLE when it does not answer. */
  assertReady(): Promise<void>;
  /** @throws LaunchError PORT_IN_USE when somebody else holds the port by which the route would come in. */
  assertServable(route: Pick<EdgeRoute, 'host'>): Promise<void>;
  routes(): Promise<readonly ServedRoute[]>;
  /**
   * Makes the route, or changes it in one step: every request that comes in from then on goes to `upstreams`.
   * Those that are under way to `leaving` go on, and stay counted.
   */
  serve(
    route: Pick<EdgeRoute, 'id' | 'host' | 'path'>,
    upstreams: readonly Upstream[],
    leaving: readonly Upstream[],
  ): Promise<void>;
  /** How many requests are under way to an upstream. */
  inFlight(upstream: Upstream): Promise<number>;
  /** One that is not there is removed already. */
  remove(id: string): Promise<void>;
  /** Takes away everything that is Launch's, the ports it listens on included. */
  clear(): Promise<void>;
  close(): void;
}

/** The id of a service's route: one per service and target, whatever host and path it has. */
export function routeId({ repository, target, service }: Owner): string {
  const hash = createHash('sha256').update(`${repository}\n${target}\n${service}`).digest('hex');
  return `launch-${service}-${hash.slice(0, 12)}`;
}

/**
 * Whether nobody could get a certificate for a host: an address, a name without a domain, or one of a domain that
 * exists in private networks only.
 */
export function isPrivateHost(host: string): boolean {
  return (
    /^[\d.]+$/.test(host) ||
    !host.includes('.') ||
    /\.(localhost|local|internal|lan|home|test|invalid|home\.arpa)$/i.test(host)
  );
}

/** The route of another service that claims the same host and path. */
export function rivalOf(
  route: Pick<EdgeRoute, 'id' | 'host' | 'path'>,
  routes: readonly ServedRoute[],
): ServedRoute | undefined {
  const host = route.host.toLowerCase();
  return routes.find(
    (it) => it.id !== route.id && it.host.toLowerCase() === host && it.path === trimmed(route.path),
  );
}

/** Whether a route is among these as it should be, and leads to exactly these. */
export function isLedTo(
  routes: readonly ServedRoute[],
  route: Pick<EdgeRoute, 'id' | 'host' | 'path'>,
  upstreams: readonly Upstream[],
): boolean {
  const served = routes.find((it) => it.id === route.id);
  return (
    served !== undefined &&
    served.host === route.host &&
    served.path === trimmed(route.path) &&
    [...served.upstreams].sort().join() === [...upstreams].sort().join()
  );
}

/** `/api/` and `/api` are one path. */
export function trimmed(path: string): string {
  const bare = path.replace(/\/+$/, '');
  return bare === '' ? '/' : bare;
}
