import type { Detection } from '../changes/detection.ts';
import type { LaunchError } from '../errors.ts';
import type { Plan } from '../plan.ts';
import type { Removal, UnreadableRemoval } from '../removal.ts';
import type { RunnerMatch } from '../routing/runner-match.ts';
import type { Dependent } from '../routing/waves.ts';
import type { Report } from '../validation/report.ts';
import type { ComposeChanges } from './compose-changes.ts';

/** What a change does once it is merged, as far as the repository tells: the model of every way it is shown. */
export interface Preview {
  /** Undefined where not even that could be found out; then there is a `fault`. */
  readonly detection: Detection | undefined;
  readonly plan: Plan;
  /** What the planned services depend on, directly or not. */
  readonly dependencies: readonly Dependent[];
  readonly removals: readonly Removal[];
  readonly unreadable: readonly UnreadableRemoval[];
  readonly compose: ComposeChanges;
  /** What validation found; undefined where nobody validated. */
  readonly report: Report | undefined;
  readonly runners: RunnersSeen;
  /** What was decided differently from what one would expect, as sentences. */
  readonly notes: readonly string[];
  /** Why there is no plan, or what stands in its way. */
  readonly fault: LaunchError | undefined;
}

/** Whether runners are online. */
export type RunnersSeen =
  | { readonly kind: 'not-asked' }
  /** A sentence. */
  | { readonly kind: 'unknown'; readonly why: string }
  /** By target. */
  | { readonly kind: 'seen'; readonly matches: ReadonlyMap<string, RunnerMatch> };

export const noPlan: Plan = { entries: [], disabled: [] };
export const noComposeChanges: ComposeChanges = { changes: [], unread: [], uncompared: 0 };

/** Service → the planned services that are deployed before it because it depends on them, also by way of others. */
export function plannedBefore({
  plan,
  dependencies,
}: Pick<Preview, 'plan' | 'dependencies'>): ReadonlyMap<string, readonly string[]> {
  const planned = new Set(plan.entries.map(({ service }) => service));
  const byName = new Map(dependencies.map(({ name, dependsOn }) => [name, dependsOn]));
  const nearest = (name: string, seen: Set<string>): string[] =>
    (byName.get(name) ?? []).flatMap((it) => {
      if (seen.has(it)) return [];
      seen.add(it);
      return planned.has(it) ? [it] : nearest(it, seen);
    });
  return new Map([...planned].map((name) => [name, nearest(name, new Set([name])).sort()]));
}

/** The services of each wave, sorted. */
export function wavesOf({ entries }: Plan): string[][] {
  const waves: string[][] = [];
  for (const { wave, service } of entries) {
    const names = waves[wave - 1] ?? [];
    waves[wave - 1] = names;
    if (!names.includes(service)) names.push(service);
  }
  return Array.from(waves, (names = []) => names);
}

/** Whether anything is deployed, taken down or wrong: a change without any of these need not be spoken of. */
export function hasNews({ plan, removals, unreadable, report, fault }: Preview): boolean {
  const found = (report?.errors ?? 0) + (report?.warnings ?? 0);
  return (
    plan.entries.length + plan.disabled.length + removals.length + unreadable.length + found > 0 ||
    fault !== undefined
  );
}
