import { statusOfRemoval } from '../../core/deploy/deployment-record.ts';
import { type RemovalResult, removalSummary } from '../../core/deploy/removal-result.ts';
import { cancellation } from '../../runner/cancellation.ts';
import { type RecordInputs, recorderFor } from '../../runner/deployment-recorder.ts';
import { writeOutputs } from '../../runner/outputs.ts';
import { jobLog } from '../../runner/reporter.ts';
import { runContext } from '../../runner/run.ts';
import { writeSummary } from '../../runner/summary.ts';
import { assertMayDeploy } from '../../runner/trust.ts';
import { readInputs, readRecord } from './inputs.ts';

export const outputNames = ['status', 'release', 'containers', 'volumes', 'duration-ms'] as const;

/** Takes down what a service that is gone has left, and fails unless it is gone or was left on purpose. */
export async function main(): Promise<void> {
  const given = readInputs();
  assertMayDeploy();
  const record = readRecord();
  const signal = cancellation();
  // Wrong inputs and events that may not deploy are told before the engine is loaded.
  const { remove } = await import('./run.ts');
  const result = await remove(given, signal);
  // Also of one that was gone already: the run before may have been cut off before it could say so.
  if (result.status !== 'left') await retire(result, record);
  await writeSummary(removalSummary(result));
  const { status, release, containers, volumes, durationMs } = result;
  writeOutputs(outputNames, { status, release, containers, volumes, 'duration-ms': durationMs });
}

async function retire(result: RemovalResult, record: RecordInputs): Promise<void> {
  const recorder = await recorderFor(record);
  const told = await recorder?.retire(result, statusOfRemoval(runContext().actor));
  if (told === true) {
    jobLog.info(`GitHub's record of ${result.service} on ${result.target} says that it is inactive.`);
  }
}
