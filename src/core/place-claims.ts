import { overlap } from './compose/address-overlap.ts';
import type { PortOfService } from './compose/published-ports.ts';
import { trimmed } from './deploy/edge.ts';
import { printable } from './names.ts';

/** What a service takes on its target's machine that no two services can have at once. */
export interface PlaceClaims {
  /** The compose project. */
  readonly project: string;
  readonly ports: readonly PortOfService[];
  /** Fixed names of containers. */
  readonly names: readonly string[];
  readonly route: { readonly host: string; readonly path: string } | undefined;
}

/** What two services can't both have, in a few words; undefined where they don't get into each other's way. */
export function commonClaim(one: PlaceClaims, other: PlaceClaims): string | undefined {
  if (one.project === other.project) return `the compose project ${printable(one.project, 80)}`;
  const port = one.ports.find((it) => other.ports.some((theirs) => isSamePort(it, theirs)));
  if (port !== undefined) return `the port ${port.port}/${port.protocol}`;
  const name = one.names.find((it) => other.names.includes(it));
  if (name !== undefined) return `the container name ${printable(name, 80)}`;
  if (one.route === undefined || other.route === undefined || !isSameRoute(one.route, other.route)) {
    return undefined;
  }
  return `the route ${printable(`${one.route.host}${trimmed(one.route.path)}`, 120)}`;
}

function isSamePort(a: PortOfService, b: PortOfService): boolean {
  return a.port === b.port && a.protocol === b.protocol && overlap(a.address, b.address);
}

function isSameRoute(a: NonNullable<PlaceClaims['route']>, b: NonNullable<PlaceClaims['route']>): boolean {
  return a.host.toLowerCase() === b.host.toLowerCase() && trimmed(a.path) === trimmed(b.path);
}
