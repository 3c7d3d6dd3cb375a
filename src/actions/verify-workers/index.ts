import { verifyFailure, verifySummary } from '../../core/cloudflare/verify-result.ts';
import { cancellation } from '../../runner/cancellation.ts';
import { writeOutputs } from '../../runner/outputs.ts';
import { jobLog } from '../../runner/reporter.ts';
import { writeSummary } from '../../runner/summary.ts';
import { assertMayDeploy } from '../../runner/trust.ts';
import { readInputs } from './inputs.ts';

export const outputNames = ['verified', 'urls', 'taken-back', 'left'] as const;

/** Tests the live workers of a run, and takes all of them back when that fails. */
export async function main(): Promise<void> {
  const given = readInputs();
  assertMayDeploy();
  const signal = cancellation();
  const { verifyWorkers } = await import('../../operations/worker/verify-workers.ts');
  const place = { cwd: process.cwd(), hostEnv: process.env, signal };

  const result = await verifyWorkers({ ...given, ...place }, jobLog);

  await writeSummary(verifySummary(result));
  const failure = verifyFailure(result);
  writeOutputs(outputNames, {
    verified: failure !== undefined ? false : result.tested ? true : undefined,
    urls: result.urls,
    'taken-back': result.takenBack.map(({ service }) => service),
    left: result.left.map(({ service }) => service),
  });
  if (failure !== undefined) throw failure;
}
