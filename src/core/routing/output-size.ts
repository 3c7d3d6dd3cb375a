import { LaunchError } from '../errors.ts';
import type { Plan, PlanJson } from '../plan.ts';
import { byDriver, planToJson, targetNames } from '../plan.ts';
import type { Matrix, Routing } from './matrix.ts';
import type { Unreachable } from './unreachable.ts';
import { type WorkersMatrix, workersOf } from './worker-targets.ts';

/**
 * GitHub takes 1 MB of outputs from a job and counts two bytes for each UTF-16 unit. A little is left for what
 * the job's other steps hand on.
 */
export const maxOutputUnits = 500_000;

export interface RoutingOutputs {
  readonly matrix: Matrix;
  readonly waves: readonly Matrix[];
  readonly workers: WorkersMatrix;
  readonly targets: readonly string[];
  readonly any: boolean;
  /** What has no runner, and is in none of the matrices. */
  readonly unreachable: readonly Unreachable[];
  /** Services that go to Cloudflare, and those for a host; with the latter what is switched off. */
  readonly 'worker-services': readonly string[];
  readonly hosted: readonly string[];
  readonly plan: PlanJson | ShortPlan;
}

/** What is left of a plan that is too long for an output; the job summary has all of it. */
export interface ShortPlan {
  readonly truncated: true;
  /** Service → its targets; absent when even that is too long. */
  readonly services?: Readonly<Record<string, readonly string[]>>;
  readonly disabled: number;
}

/**
 * The outputs, together within what GitHub takes: the plan gives way first, because no job is made from it.
 *
 * @throws LaunchError CONFIG_INVALID when the matrices alone are too long.
 */
export function fitOutputs(
  plan: Plan,
  routing: Routing & { readonly unreachable?: readonly Unreachable[] },
  limit = maxOutputUnits,
): { readonly outputs: RoutingOutputs; readonly warnings: readonly string[] } {
  const common = {
    matrix: routing.matrix,
    waves: routing.waves,
    workers: workersOf(plan),
    targets: targetNames(plan),
    any: plan.entries.length > 0,
    unreachable: routing.unreachable ?? [],
    ...byDriver(plan),
  };
  const left = limit - JSON.stringify(common).length;
  const steps: readonly (readonly [string, () => PlanJson | ShortPlan])[] = [
    ['', () => planToJson(plan)],
    ['the reasons are left out', () => withoutReasons(planToJson(plan))],
    ['only names are left', () => namesOnly(plan)],
    ['it is left out', () => ({ truncated: true, disabled: plan.disabled.length })],
  ];
  for (const [loss, make] of steps) {
    const json = make();
    if (JSON.stringify(json).length > left) continue;
    const warnings =
      loss === '' ? [] : [`The output \`plan\` is too long for GitHub: ${loss}. The summary has all.`];
    return { outputs: { ...common, plan: json }, warnings };
  }
  throw new LaunchError(
    'CONFIG_INVALID',
    'The matrix is longer than the 1 MB that GitHub takes from a job.',
    {
      remedy: 'Use `group-by: target`, or deploy fewer services at once with the `services` input.',
    },
  );
}

function withoutReasons(json: PlanJson): PlanJson {
  const services = Object.entries(json.services).map(([service, targets]) => {
    const bare = Object.entries(targets).map(([target, entry]) => [target, { ...entry, why: [] }] as const);
    return [service, Object.fromEntries(bare)] as const;
  });
  return { ...json, services: Object.fromEntries(services) };
}

function namesOnly(plan: Plan): ShortPlan {
  const byService = Map.groupBy(plan.entries, (entry) => entry.service);
  const services = Array.from(byService, ([name, entries]) => [name, entries.map((it) => it.target.name)]);
  return { truncated: true, services: Object.fromEntries(services), disabled: plan.disabled.length };
}
