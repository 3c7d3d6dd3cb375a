import type { Plan, PlanEntry } from '../plan.ts';
import { dependantsOf } from './hold-back.ts';
import { type RunnerMatch, whyMissing } from './runner-match.ts';
import type { Dependent } from './waves.ts';

/** What is not deployed, because no runner would take its job. */
export interface Unreachable {
  readonly service: string;
  readonly target: string;
  /** A sentence. */
  readonly reason: string;
}

export interface Reachable {
  readonly plan: Plan;
  /** By target, then service. */
  readonly unreachable: readonly Unreachable[];
}

/**
 * The plan without what certainly has no runner online, and without what depends on that: as when its deployment had
 * failed, only that nobody waits a day to be told.
 */
export function withoutUnreachable(
  plan: Plan,
  checks: ReadonlyMap<string, RunnerMatch>,
  all: readonly Dependent[],
): Reachable {
  const gone = new Map<string, string>();
  for (const [target, match] of checks) {
    if (match.kind === 'offline' || match.kind === 'none') gone.set(target, whyMissing(target, match));
  }
  if (gone.size === 0) return { plan, unreachable: [] };
  const lost = plan.entries.filter(({ target }) => gone.has(target.name));
  const held = dependantsOf(all, new Set(lost.map(({ service }) => service)));
  const reasonFor = ({ service, target }: PlanEntry): string | undefined => {
    const because = held.get(service);
    return (
      gone.get(target.name) ??
      (because === undefined ? undefined : `It depends on "${because}", which has a target without a runner.`)
    );
  };
  const unreachable = plan.entries.flatMap((entry): Unreachable[] => {
    const reason = reasonFor(entry);
    return reason === undefined ? [] : [{ service: entry.service, target: entry.target.name, reason }];
  });
  return {
    plan: { ...plan, entries: plan.entries.filter((entry) => reasonFor(entry) === undefined) },
    unreachable: unreachable.sort((a, b) => compare(a.target, b.target) || compare(a.service, b.service)),
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
