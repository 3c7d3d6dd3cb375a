import { deploySummary } from '../../core/deploy/summary.ts';
import { deployInTurn } from '../../operations/deploy-in-turn.ts';
import { cancellation } from '../../runner/cancellation.ts';
import { writeOutputs } from '../../runner/outputs.ts';
import { jobLog } from '../../runner/reporter.ts';
import { runContext } from '../../runner/run.ts';
import { writeSummary } from '../../runner/summary.ts';
import { assertMayDeploy } from '../../runner/trust.ts';
import { readInputs, readRecord } from './inputs.ts';

export const outputNames = [
  'status',
  'release',
  'previous-release',
  'fingerprint',
  'url',
  'duration-ms',
] as const;

/** Deploys to the host this runs on, and fails unless the new release serves. */
export async function main(): Promise<void> {
  const { services, ...given } = readInputs();
  if (!given.dryRun) assertMayDeploy();
  const { repository, actor, url, order, trigger } = runContext();
  const surroundings = {
    cwd: process.cwd(),
    hostEnv: process.env,
    repository,
    by: actor,
    runUrl: url,
    order,
    trigger,
    skipFrozen: true,
  };
  const signal = cancellation();
  const record = readRecord();
  // Wrong inputs and events that may not deploy are told before the engine is loaded.
  const [{ deployService }, { followDeployments }] = await Promise.all([
    import('../../operations/deploy-service.ts'),
    import('../../runner/follow-deployment.ts'),
  ]);
  const follow = await followDeployments({ task: 'deploy', record, signal, secrets: given.secrets.values() });

  const deploy = async (service: string) => {
    const request = { ...given, ...surroundings, service, signal };
    const result = await follow(
      async (observers) => await deployService({ ...request, ...observers }, jobLog),
    );
    await writeSummary(deploySummary(result));
    return result;
  };
  const { status, failure, results } = await deployInTurn(services, deploy, jobLog);

  // What only one release can have stays empty where there are several.
  const only = services.length === 1 ? results[0] : undefined;
  writeOutputs(outputNames, {
    status,
    release: only?.release,
    'previous-release': only?.previousRelease,
    fingerprint: only?.fingerprint,
    url: only?.url,
    'duration-ms': results.reduce((sum, { durationMs }) => sum + durationMs, 0),
  });
  if (failure !== undefined) throw failure;
}

/** Says what became of a deployment that was cut off; silent after any other. */
export async function post(): Promise<void> {
  const { endUnfinished } = await import('../../runner/follow-deployment.ts');
  await endUnfinished(readRecord());
}
