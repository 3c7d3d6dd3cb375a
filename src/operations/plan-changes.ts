import { openHistory } from '../adapters/git/history.ts';
import type { Detection } from '../core/changes/detection.ts';
import { LaunchError } from '../core/errors.ts';
import { printable } from '../core/names.ts';
import type { Plan } from '../core/plan.ts';
import { loadProject } from '../core/project/project.ts';
import type { Dependent } from '../core/routing/waves.ts';
import { type DetectOptions, detectChanges } from './detect-changes.ts';
import { locateProject } from './locate-project.ts';
import { makePlan } from './make-plan.ts';
import { readDependencies } from './read-dependencies.ts';
import type { Reporter } from './reporter.ts';

export interface ChangePlan {
  readonly detection: Detection;
  readonly plan: Plan;
  /** What the planned services depend on, directly or not. */
  readonly dependencies: readonly Dependent[];
}

/**
 * What changed, and where that goes: detection and plan of one commit, as the two actions do it one after the
 * other. The plan is made of the commit, never of what lies uncommitted beside it.
 *
 * @throws LaunchError as detection and planning do
 */
export async function planChanges(
  options: DetectOptions & { readonly target?: string | undefined },
  reporter: Reporter,
): Promise<ChangePlan> {
  await assertBase(options);
  const detection = await detectChanges(options, reporter);
  return { detection, ...(await planDetected(options, detection)) };
}

/**
 * Where what was detected goes.
 *
 * @throws LaunchError as planning does
 */
export async function planDetected(
  options: DetectOptions & { readonly target?: string | undefined; readonly withoutUrls?: boolean },
  detection: Detection,
): Promise<Omit<ChangePlan, 'detection'>> {
  if (detection.head === undefined) return { plan: { entries: [], disabled: [] }, dependencies: [] };
  const location = locateProject(options.cwd, options.config);
  const history = openHistory(location.top, options);
  try {
    const project = await loadProject(history.view(detection.head), location);
    const reasons = Object.entries(detection.reasons).map(
      ([name, found]) => [name, found.map(({ text }) => text)] as const,
    );
    const plan = await makePlan(project, {
      services: detection.services,
      reasons: Object.fromEntries(reasons),
      ...(options.target === undefined ? {} : { target: options.target }),
      ...(options.withoutUrls === undefined ? {} : { withoutUrls: options.withoutUrls }),
    });
    const planned = new Set(plan.entries.map((entry) => entry.service));
    const folders = project.folders.filter(({ name }) => planned.has(name));
    const { dependents } = await readDependencies(project, folders);
    return { plan, dependencies: dependents };
  } finally {
    await history.close();
  }
}

/**
 * In a run, a base that is gone means every service; a person who mistypes one wants to be told.
 *
 * @throws LaunchError BASE_UNAVAILABLE
 */
export async function assertBase({ cwd, config, base, ...rest }: DetectOptions): Promise<void> {
  if (base === undefined || /^0+$/.test(base)) return;
  const history = openHistory(locateProject(cwd, config).top, rest);
  try {
    if ((await history.resolve(base)) !== undefined) return;
    if (/^([0-9a-f]{40}|[0-9a-f]{64})$/i.test(base) && (await history.obtain([base])).ok) return;
  } finally {
    await history.close();
  }
  throw new LaunchError(
    'BASE_UNAVAILABLE',
    `The base "${printable(base)}" is no commit of this repository.`,
    {
      remedy: 'Check the name; `git log` lists the commits. Without a base every service is planned.',
    },
  );
}
