import { deployFailure } from '../../core/deploy/result.ts';
import { deploySummary } from '../../core/deploy/summary.ts';
import { nameRepository } from '../../operations/name-repository.ts';
import { cancellation } from '../../runner/cancellation.ts';
import { writeOutputs } from '../../runner/outputs.ts';
import { jobLog } from '../../runner/reporter.ts';
import { runContext } from '../../runner/run.ts';
import { writeSummary } from '../../runner/summary.ts';
import { assertMayDeploy } from '../../runner/trust.ts';
import { readInputs, readOperation, readRecord } from './inputs.ts';

export const outputNames = [
  'status',
  'release',
  'previous-release',
  'fingerprint',
  'url',
  'duration-ms',
] as const;

/** Takes a service on this host back to a release of before, and fails unless that one serves. */
export async function main(): Promise<void> {
  const given = readInputs();
  const operation = readOperation();
  assertMayDeploy();
  if (operation === 'list') {
    const { listReleases } = await import('./list.ts');
    const release = await listReleases(given);
    const nothing = { 'previous-release': '', fingerprint: '', url: '', 'duration-ms': 0 };
    writeOutputs(outputNames, { status: 'listed', release, ...nothing });
    return;
  }
  const { repository = await nameRepository(process.cwd()), actor, url, trigger } = runContext();
  const surroundings = { hostEnv: process.env, repository, by: actor, runUrl: url, trigger };

  const signal = cancellation();
  const record = readRecord();
  // Wrong inputs and events that may not deploy are told before the engine is loaded.
  const [{ rollbackService }, { followDeployments }] = await Promise.all([
    import('../../operations/rollback-service.ts'),
    import('../../runner/follow-deployment.ts'),
  ]);
  const follow = await followDeployments({
    task: 'rollback',
    record,
    signal,
    secrets: given.secrets.values(),
  });

  const request = { ...given, ...surroundings, signal };
  const result = await follow(
    async (observers) => await rollbackService({ ...request, ...observers }, jobLog),
  );

  await writeSummary(deploySummary(result));
  writeOutputs(outputNames, {
    status: result.status,
    release: result.release,
    'previous-release': result.previousRelease,
    fingerprint: result.fingerprint,
    url: result.url,
    'duration-ms': result.durationMs,
  });
  const failure = deployFailure(result);
  if (failure !== undefined) throw failure;
}

/** Says what became of a rollback that was cut off; silent after any other. */
export async function post(): Promise<void> {
  const { endUnfinished } = await import('../../runner/follow-deployment.ts');
  await endUnfinished(readRecord());
}
