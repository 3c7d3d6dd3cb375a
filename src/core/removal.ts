import type { DriverName } from './config/fields.ts';
import type { Target } from './targets/target.ts';

/** A service that was deployed to a target and has no place there any more. */
export interface Removal {
  readonly service: string;
  readonly target: Target;
  /** Set where the target is declared nowhere any more. */
  readonly undeclared?: true;
  /** How it got there. */
  readonly driver: DriverName;
  /** `stop`: it is taken down there. `report`: people are told, nothing else. */
  readonly onDelete: 'report' | 'stop';
  /** 0: before the first wave, because something new needs its place; absent: after the last one. */
  readonly wave?: number;
  /** What needs its place, and what of it. */
  readonly placeTakenBy?: { readonly service: string; readonly what: string };
  /** The target that it has now and had not before, on the same runners: it may well be the same thing there. */
  readonly movedTo?: string;
  /** Of a worker: what it is called at Cloudflare. */
  readonly worker?: RemovedWorker;
}

export interface RemovedWorker {
  readonly name: string;
  /** As its configuration has it. */
  readonly accountId: string | undefined;
}

/** A service that is gone from somewhere, of which can't be told from where, or not from everywhere. */
export interface UnreadableRemoval {
  readonly service: string;
  /** A sentence. */
  readonly why: string;
}

/** Where one state of the repository has a service. */
export interface Standing extends Pick<Removal, 'service' | 'target' | 'driver'> {
  /** What that state says of a removal. */
  readonly onDelete: Removal['onDelete'];
}

export interface RemovalFacts {
  /** Where the states that may have been deployed have the services; where two differ, the first decides. */
  readonly before: readonly Standing[];
  /** Where the services are now; those that could not have moved may be left out with their `before`. */
  readonly now: readonly Standing[];
  /** The targets as they are declared now: what is removed has to pass today's protection rules. */
  readonly targets: ReadonlyMap<string, Target>;
}

/**
 * What was somewhere and is not any more; by service, then target. A service that is a worker now and was none,
 * or the other way round, is gone from where it was. What still has a place decides by its setting of today.
 */
export function findRemovals({ before, now, targets }: RemovalFacts): Removal[] {
  const there = new Set(now.map(placeOf));
  const settings = new Map(now.map(({ service, onDelete }) => [service, onDelete]));
  const found = new Map<string, Removal>();
  for (const standing of before) {
    const key = placeOf(standing);
    if (there.has(key) || found.has(key)) continue;
    const { service, target, driver } = standing;
    const onDelete = settings.get(service) ?? standing.onDelete;
    const declared = targets.get(target.name);
    const place = declared === undefined ? ({ target, undeclared: true } as const) : { target: declared };
    found.set(key, { service, ...place, driver, onDelete });
  }
  return [...found.values()].sort(
    (a, b) => compare(a.service, b.service) || compare(a.target.name, b.target.name),
  );
}

/** Names have no spaces. A worker is not on its target's machine, so what is there is another thing. */
function placeOf({ service, target, driver }: Pick<Removal, 'service' | 'target' | 'driver'>): string {
  return `${service} ${target.name} ${driver === 'worker' ? 'worker' : 'host'}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
