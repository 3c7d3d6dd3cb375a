import { failureOfSet, statusOfSet, type WorkerOutcome } from '../../core/cloudflare/worker-set.ts';
import { cancellation } from '../../runner/cancellation.ts';
import { mask } from '../../runner/mask.ts';
import { writeOutputs } from '../../runner/outputs.ts';
import { runContext } from '../../runner/run.ts';
import { assertMayDeploy } from '../../runner/trust.ts';
import { readInputs, readRecord } from './inputs.ts';

export const outputNames = ['status', 'url', 'urls', 'version-id', 'previous-version-id'] as const;

/** Deploys workers to Cloudflare, takes them back or deletes one, and fails unless what was asked for serves. */
export async function main(): Promise<void> {
  const given = readInputs();
  if (!given.dryRun) assertMayDeploy();
  const surroundings = {
    cwd: process.cwd(),
    hostEnv: process.env,
    by: runContext().actor,
    onSecrets: mask,
    signal: cancellation(),
  };
  const { operation } = given;
  if (operation === 'list') {
    const { listVersions } = await import('./list.ts');
    await listVersions({ ...given, ...surroundings, service: given.services[0] });
    write('listed', []);
    return;
  }
  // Wrong inputs and events that may not deploy are told before anything of this is loaded.
  const { runOperation } = await import('./run.ts');
  const outcomes: WorkerOutcome[] = [];
  try {
    outcomes.push(...(await runOperation({ ...given, ...surroundings, operation, record: readRecord() })));
  } catch (error) {
    write('failed', []);
    throw error;
  }
  write(statusOfSet(outcomes), outcomes);
  const failure = failureOfSet(outcomes);
  if (failure !== undefined) throw failure;
}

function write(status: string, outcomes: readonly WorkerOutcome[]): void {
  const done = outcomes.flatMap((it) => (it.kind === 'done' ? [it] : []));
  const only = outcomes.length === 1 ? done[0]?.result : undefined;
  /** By service, where there are several. */
  const each = (pick: (outcome: (typeof done)[number]) => string | undefined) =>
    outcomes.length < 2 ? undefined : Object.fromEntries(done.map((it) => [it.service, pick(it) ?? '']));
  writeOutputs(outputNames, {
    status,
    url: only?.urls[0],
    urls: Object.fromEntries(done.map(({ service, result }) => [service, result.urls[0] ?? ''])),
    'version-id': only?.versionId ?? each(({ result }) => result.versionId),
    'previous-version-id': only?.previousVersionId ?? each(({ result }) => result.previousVersionId),
  });
}
