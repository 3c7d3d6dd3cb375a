import { trimmed } from '../deploy/edge.ts';
import { formatPlace, type Place } from '../errors.ts';
import { printable } from '../names.ts';
import type { Problem } from '../problem.ts';

/** A route as a service declares it. */
export interface RouteUse {
  /** The service folder's name. */
  readonly owner: string;
  readonly host: string;
  readonly path: string;
  readonly place: Place;
  /** The targets on which it is served; none for a service that is not deployed. */
  readonly targets: readonly string[];
}

/** Every two services that claim one host and path on one target, once, at the line of a `selected` one. */
export function routeClashes(uses: readonly RouteUse[], selected: ReadonlySet<string>): Problem[] {
  return uses.flatMap((one, index) =>
    uses.slice(index + 1).flatMap((other) => clashOf(one, other, selected) ?? []),
  );
}

function clashOf(one: RouteUse, other: RouteUse, selected: ReadonlySet<string>): Problem | undefined {
  const isSame =
    one.host.toLowerCase() === other.host.toLowerCase() && trimmed(one.path) === trimmed(other.path);
  const shared = one.targets.filter((target) => other.targets.includes(target));
  if (!isSame || shared.length === 0) return undefined;
  const [mine, theirs] = selected.has(other.owner) ? [other, one] : [one, other];
  if (!selected.has(mine.owner)) return undefined;
  const route = printable(`${mine.host}${trimmed(mine.path)}`, 240);
  return {
    rule: 'duplicate-route',
    severity: 'error',
    message: `The route ${route} of "${mine.owner}" is also that of "${theirs.owner}" on ${shared.join(', ')} (${printable(formatPlace(theirs.place))}).`,
    remedy: 'Give one of them another host or path.',
    place: mine.place,
    service: mine.owner,
  };
}
