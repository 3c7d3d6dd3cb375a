import type { RunnerListing } from '../../adapters/github/runners.ts';
import type { Detection } from '../../core/changes/detection.ts';
import type { Answer } from '../../core/changes/git-history.ts';
import type { PushRuns } from '../../core/changes/last-success.ts';
import { fitReasons } from '../../core/changes/reasons.ts';
import { detectionSummary } from '../../core/changes/summary.ts';
import { printable } from '../../core/names.ts';
import { type DetectOptions, detectChanges } from '../../operations/detect-changes.ts';
import { readEvent } from '../../runner/event.ts';
import { writeOutputs } from '../../runner/outputs.ts';
import { jobLog } from '../../runner/reporter.ts';
import { apiUrl, readRun, serverUrl, thisRun } from '../../runner/run.ts';
import { writeSummary } from '../../runner/summary.ts';
import { readInputs } from './inputs.ts';

export const outputNames = [
  'services',
  'deleted',
  'removals',
  'stranded',
  'any',
  'count',
  'base',
  'head',
  'reasons',
] as const;

/** The outputs name all of them. */
const loggedServices = 50;

/** In characters; a job's outputs may have 1 MB together. */
const reasonsLimit = 300_000;

export async function main(): Promise<void> {
  const { token, summary, checkRunners, runnersToken, ...wishes } = readInputs();
  const options = {
    ...wishes,
    event: readEvent(),
    // Containers on runners run as another user than the one that checked out.
    trusted: process.env['GITHUB_ACTIONS'] === 'true',
    ...(token === undefined ? {} : { login: { server: serverUrl(), token } }),
    runs: () => runsOfThisWorkflow(token),
  };
  const detection = await detectChanges(options, jobLog);
  const { services, deleted, reasons, base, head } = detection;
  jobLog.info(`Compared with ${base ?? 'nothing'}: ${detection.baseTitle}.`);
  await jobLog.group(`${services.length} of ${detection.total} services`, async () => {
    for (const name of services.slice(0, loggedServices)) {
      jobLog.info(`${name}: ${(reasons[name] ?? []).map(({ text }) => printable(text)).join('; ')}`);
    }
    if (services.length > loggedServices) jobLog.info(`… and ${services.length - loggedServices} more`);
  });
  const gone = await whatIsGone(options, detection, { mode: checkRunners, token: runnersToken });
  if (summary) await writeSummary(detectionSummary(detection) + gone.summary);
  writeOutputs(outputNames, {
    services,
    deleted,
    removals: gone.matrices,
    stranded: gone.stranded,
    any: services.length > 0,
    count: services.length,
    base,
    head,
    reasons: fitReasons(reasons, reasonsLimit),
  });
}

/** Loaded only when something may be gone; of nearly all pushes nothing is. */
async function whatIsGone(options: DetectOptions, detection: Detection, runners: RunnersWish) {
  const nothing = { matrices: { first: { include: [] }, last: { include: [] } }, stranded: [], summary: '' };
  if (detection.deleted.length === 0 && (detection.relocated ?? []).length === 0) return nothing;
  const [{ planRemovals }, { checkRemovalRunners }, { inTheWay, removalsSummary, routeRemovals }] =
    await Promise.all([
      import('../../operations/plan-removals.ts'),
      import('../../operations/check-removal-runners.ts'),
      import('../../core/removal-plan.ts'),
    ]);
  const { removals: planned, unreadable } = await planRemovals(options, detection, jobLog);
  const list = async () => await listRunners(runners.token);
  const { removals, stranded } = await checkRemovalRunners(planned, runners.mode, list, jobLog);
  const { matrices, beyond } = routeRemovals(removals);
  for (const warning of inTheWay(removals)) jobLog.warning(warning);
  if (beyond.length > 0) {
    jobLog.warning(
      `${beyond.length} services are to be taken down beyond what a matrix holds: they are only reported.`,
    );
  }
  return { matrices, stranded, summary: removalsSummary(removals, unreadable, readRun()?.repository) };
}

interface RunnersWish {
  readonly mode: 'off' | 'warn' | 'skip' | 'fail';
  readonly token: string | undefined;
}

async function listRunners(token: string | undefined): Promise<RunnerListing> {
  if (token === undefined) return { listed: false, why: 'no `runners-token` is given.', noToken: true };
  const { askForRunners } = await import('../../operations/ask-for-runners.ts');
  return await askForRunners({ token, apiUrl: apiUrl(), repository: thisRun().repository });
}

/** Loaded only when runs are asked for: what speaks HTTP takes longer to load than all the rest. */
async function runsOfThisWorkflow(token: string | undefined): Promise<Answer<PushRuns>> {
  const run = readRun();
  if (token === undefined) return { ok: false, why: 'no `token` is given' };
  if (run === undefined) return { ok: false, why: 'the runner does not say which run this is' };
  const { githubClient } = await import('../../adapters/github/client.ts');
  const { workflowRuns } = await import('../../adapters/github/workflow-runs.ts');
  const client = githubClient({ token, apiUrl: run.apiUrl });
  return { ok: true, value: workflowRuns(client, run, 5000) };
}
