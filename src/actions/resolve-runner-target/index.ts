import { workingTreeView } from '../../adapters/files/working-tree.ts';
import type { RunnerListing } from '../../adapters/github/runners.ts';
import { planSummary } from '../../core/plan-summary.ts';
import { loadProject } from '../../core/project/project.ts';
import { routePlan } from '../../core/routing/matrix.ts';
import { fitOutputs } from '../../core/routing/output-size.ts';
import { checkRunners } from '../../operations/check-runners.ts';
import { locateProject } from '../../operations/locate-project.ts';
import { makePlan } from '../../operations/make-plan.ts';
import { writeOutputs } from '../../runner/outputs.ts';
import { jobLog } from '../../runner/reporter.ts';
import { apiUrl, thisRun } from '../../runner/run.ts';
import { writeSummary } from '../../runner/summary.ts';
import { readInputs } from './inputs.ts';

export const outputNames = ['matrix', 'waves', 'targets', 'any', 'plan'] as const;

export async function main(): Promise<void> {
  const { services, target, groupBy, checkRunners: mode, config, token } = readInputs();
  const location = locateProject(process.cwd(), config);
  const project = await loadProject(workingTreeView(location.top), location);

  const plan = await makePlan(project, { services, ...(target === undefined ? {} : { target }) });
  const routing = routePlan(plan, groupBy);
  const { outputs, warnings } = fitOutputs(plan, routing);
  for (const warning of [...routing.warnings, ...warnings]) jobLog.warning(warning);
  for (const { wave, service, target: to, driver } of plan.entries) {
    jobLog.info(`wave ${wave}: ${service} → ${to.name} (${driver})`);
  }

  await writeSummary(planSummary(plan));
  if (mode !== 'off') await checkRunners(plan, mode, async () => await askForRunners(token), jobLog);
  writeOutputs(outputNames, outputs);
}

/** Loaded only now: most plans ask nobody. A list that takes longer than 5 s is not worth the wait. */
async function askForRunners(token: string | undefined): Promise<RunnerListing> {
  if (token === undefined) return { listed: false, why: 'no `token` is given.' };
  const { githubClient } = await import('../../adapters/github/client.ts');
  const { listRunners } = await import('../../adapters/github/runners.ts');
  const client = githubClient({ apiUrl: apiUrl(), token, retries: 1 });
  return await listRunners(client, thisRun().repository, AbortSignal.timeout(5000));
}
