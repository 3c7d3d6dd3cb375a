import { openHistory } from '../adapters/git/history.ts';
import type { Detection } from '../core/changes/detection.ts';
import type { Plan } from '../core/plan.ts';
import { loadProject } from '../core/project/project.ts';
import type { Dependent } from '../core/routing/waves.ts';
import { type DetectOptions, detectChanges } from './detect-changes.ts';
import { locateProject } from './locate-project.ts';
import { makePlan } from './make-plan.ts';
import { dependents, readWithDependencies } from './read-dependencies.ts';
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
  const detection = await detectChanges(options, reporter);
  if (detection.head === undefined)
    return { detection, plan: { entries: [], disabled: [] }, dependencies: [] };
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
    });
    const planned = new Set(plan.entries.map((entry) => entry.service));
    const folders = project.folders.filter(({ name }) => planned.has(name));
    const dependencies = dependents(project, await readWithDependencies(project, folders));
    return { detection, plan, dependencies };
  } finally {
    await history.close();
  }
}
