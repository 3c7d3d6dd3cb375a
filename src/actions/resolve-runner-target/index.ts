import { workingTreeView } from '../../adapters/files/working-tree.ts';
import type { RunnerListing } from '../../adapters/github/runners.ts';
import { frozenNote, type Plan } from '../../core/plan.ts';
import { planSummary } from '../../core/plan-summary.ts';
import { loadProject, type Project } from '../../core/project/project.ts';
import { routePlan } from '../../core/routing/matrix.ts';
import { fitOutputs } from '../../core/routing/output-size.ts';
import {
  asEntries,
  parseRemovals,
  type RemovalMatrices,
  reachableRemovals,
} from '../../core/routing/reachable-removals.ts';
import { type Reachable, withoutUnreachable } from '../../core/routing/unreachable.ts';
import { askForRunners } from '../../operations/ask-for-runners.ts';
import { checkRunners, type RunnerChecks } from '../../operations/check-runners.ts';
import { locateProject } from '../../operations/locate-project.ts';
import { makePlan } from '../../operations/make-plan.ts';
import { markFrozen } from '../../operations/mark-frozen.ts';
import { readDependencies } from '../../operations/read-dependencies.ts';
import { writeOutputs } from '../../runner/outputs.ts';
import { jobLog } from '../../runner/reporter.ts';
import { apiUrl, runContext, thisRun } from '../../runner/run.ts';
import { writeSummary } from '../../runner/summary.ts';
import { readInputs } from './inputs.ts';

export const outputNames = [
  'matrix',
  'waves',
  'workers',
  'targets',
  'any',
  'worker-services',
  'hosted',
  'unreachable',
  'removals',
  'plan',
] as const;

export async function main(): Promise<void> {
  const { services, target, groupBy, checkRunners: mode, removals: given, config, token } = readInputs();
  const removals = parseRemovals(given);
  const location = locateProject(process.cwd(), config);
  const project = await loadProject(workingTreeView(location.top), location);

  const made = await makePlan(project, { services, ...(target === undefined ? {} : { target }) });
  // Only where this runner's host is itself a target of the plan.
  const all = await markFrozen(made, {
    cwd: process.cwd(),
    config,
    commit: 'HEAD',
    target,
    repository: runContext().repository,
    hostEnv: process.env,
  });
  const checks =
    mode === 'off'
      ? new Map()
      : await checkRunners(
          { ...all, entries: [...all.entries, ...asEntries(removals)] },
          mode,
          async () => await listing(token),
          jobLog,
        );
  const { plan, unreachable, ...left } =
    mode === 'skip'
      ? await reachable(project, all, { checks, removals })
      : { plan: all, unreachable: [], removals };
  const routing = routePlan(plan, groupBy);
  const { outputs, warnings } = fitOutputs(plan, { ...routing, unreachable });
  for (const warning of [...routing.warnings, ...warnings]) jobLog.warning(warning);
  for (const entry of plan.entries) {
    jobLog.info(`wave ${entry.wave}: ${entry.service} → ${entry.target.name} (${entry.driver})`);
    const note = frozenNote(entry);
    if (note !== undefined) jobLog.warning(`${entry.service} on ${entry.target.name} is ${note}.`);
  }

  await writeSummary(planSummary(plan, unreachable));
  writeOutputs(outputNames, { ...outputs, removals: left.removals });
}

/** What depends on something is known of those alone that are planned. */
async function reachable(
  project: Project,
  plan: Plan,
  { checks, removals }: { readonly checks: RunnerChecks; readonly removals: RemovalMatrices },
): Promise<Reachable & { readonly removals: RemovalMatrices }> {
  const planned = new Set(plan.entries.map(({ service }) => service));
  const { dependents } = await readDependencies(
    project,
    project.folders.filter(({ name }) => planned.has(name)),
  );
  const found = withoutUnreachable(plan, checks, dependents);
  for (const { service, target, reason } of found.unreachable) {
    jobLog.warning(`${service} is not deployed to ${target}. ${reason}`);
  }
  const gone = reachableRemovals(removals, checks);
  for (const { service, target, reason } of gone.unreachable) {
    jobLog.warning(`${service} is not taken down on ${target}. ${reason}`);
  }
  return {
    plan: found.plan,
    unreachable: [...found.unreachable, ...gone.unreachable],
    removals: gone.removals,
  };
}

async function listing(token: string | undefined): Promise<RunnerListing> {
  if (token === undefined) return { listed: false, why: 'no `token` is given.', noToken: true };
  return await askForRunners({ token, apiUrl: apiUrl(), repository: thisRun().repository });
}
