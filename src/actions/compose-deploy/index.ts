import { cutOffSummary, deploySummary } from '../../core/deploy/summary.ts';
import { LaunchError } from '../../core/errors.ts';
import { deployInTurn } from '../../operations/deploy-in-turn.ts';
import { deployService } from '../../operations/deploy-service.ts';
import { type DeploymentPlace, parsePlace, reportCutOff } from '../../operations/report-cut-off.ts';
import { cancellation } from '../../runner/cancellation.ts';
import { mask } from '../../runner/mask.ts';
import { writeOutputs } from '../../runner/outputs.ts';
import { jobLog } from '../../runner/reporter.ts';
import { runContext } from '../../runner/run.ts';
import { writeSummary } from '../../runner/summary.ts';
import { assertMayDeploy } from '../../runner/trust.ts';
import { noteUnfinished, readUnfinished } from '../../runner/unfinished.ts';
import { readInputs } from './inputs.ts';

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
  const { repository, actor, url, order } = runContext();
  const surroundings = {
    cwd: process.cwd(),
    onSecrets: mask,
    hostEnv: process.env,
    repository,
    by: actor,
    runUrl: url,
    order,
  };
  const signal = cancellation();
  const onRelease = (place: DeploymentPlace) => noteUnfinished(JSON.stringify(place));

  const deploy = async (service: string) => {
    try {
      const result = await deployService({ ...given, ...surroundings, service, signal, onRelease }, jobLog);
      noteUnfinished('');
      await writeSummary(deploySummary(result));
      return result;
    } catch (error) {
      // Of a cancelled one the guardian may be left with the rest; post says what became of it.
      if (!(error instanceof LaunchError) || error.code !== 'CANCELLED') noteUnfinished('');
      throw error;
    }
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

/** The runner gives the end of a cancelled job five minutes. */
const guardianMs = 120_000;

/** Says what became of a deployment that was cut off; silent after any other. */
export async function post(): Promise<void> {
  const place = parsePlace(readUnfinished());
  if (place === undefined) return;
  const cutOff = await reportCutOff(place, { hostEnv: process.env, waitMs: guardianMs }, jobLog);
  await writeSummary(cutOffSummary(cutOff));
}
