import { type VerifyResult, verifyFailure, verifySummary } from '../../core/cloudflare/verify-result.ts';
import { statusesOfTakeBack } from '../../core/deploy/deployment-record.ts';
import { cancellation } from '../../runner/cancellation.ts';
import { type RecordInputs, recorderFor } from '../../runner/deployment-recorder.ts';
import { writeOutputs } from '../../runner/outputs.ts';
import { jobLog } from '../../runner/reporter.ts';
import { runPage } from '../../runner/run.ts';
import { writeSummary } from '../../runner/summary.ts';
import { assertMayDeploy } from '../../runner/trust.ts';
import { readInputs, readRecord } from './inputs.ts';

export const outputNames = ['verified', 'urls', 'taken-back', 'left'] as const;

/** Tests the live workers of a run, and takes all of them back when that fails. */
export async function main(): Promise<void> {
  const given = readInputs();
  assertMayDeploy();
  const record = readRecord();
  const signal = cancellation();
  const { verifyWorkers } = await import('../../operations/worker/verify-workers.ts');
  const place = { cwd: process.cwd(), hostEnv: process.env, signal };

  const result = await verifyWorkers({ ...given, ...place }, jobLog);

  await takeBackRecords(result, record);
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

/** What the deploy jobs recorded as live is not any more; what was before it is. */
async function takeBackRecords({ target, takenBack }: VerifyResult, record: RecordInputs): Promise<void> {
  const run = runPage();
  if (takenBack.length === 0 || run === undefined) return;
  const recorder = await recorderFor(record);
  const statuses = statusesOfTakeBack('the workers of its run were not accepted.');
  for (const { service } of takenBack) await recorder?.takeBack({ service, target }, statuses, `${run}/`);
}
