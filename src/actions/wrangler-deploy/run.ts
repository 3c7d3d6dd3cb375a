import { failureOf, type WorkerOutcome } from '../../core/cloudflare/worker-set.ts';
import { untouchedSummary, workerSummary } from '../../core/cloudflare/worker-summary.ts';
import type { WorkerAsked } from '../../operations/worker/asked.ts';
import { deleteWorker } from '../../operations/worker/delete-worker.ts';
import { deployWorker } from '../../operations/worker/deploy-worker.ts';
import { deployWorkers } from '../../operations/worker/deploy-workers.ts';
import { planWorker, planWorkerDeployment } from '../../operations/worker/plan-worker.ts';
import { rollbackWorker } from '../../operations/worker/rollback-worker.ts';
import type { RecordInputs } from '../../runner/deployment-recorder.ts';
import { recordWorkers, type WorkerRecords } from '../../runner/record-workers.ts';
import { jobLog } from '../../runner/reporter.ts';
import { writeSummary } from '../../runner/summary.ts';
import type { WranglerDeployInputs } from './inputs.ts';

type Given = Omit<WranglerDeployInputs, 'operation'> &
  WorkerAsked & {
    readonly operation: Exclude<WranglerDeployInputs['operation'], 'list'>;
    readonly signal: AbortSignal;
    readonly record: RecordInputs;
  };

/** @throws LaunchError where there is but one worker, and nothing of it was changed */
export async function runOperation(given: Given): Promise<readonly WorkerOutcome[]> {
  const { operation, services, record, signal } = given;
  const task = operation === 'rollback' ? 'rollback' : 'deploy';
  const secrets = [...given.secrets.values()];
  const records = await recordWorkers({ task, record, signal, secrets });
  const onOutcome = async (outcome: WorkerOutcome) => {
    await records.end(outcome);
    await tell(outcome, services.length);
  };
  try {
    return await carryOut({ ...given, onStart: (start) => records.begin(start) }, records, onOutcome);
  } catch (error) {
    await records.refuse(error);
    throw error;
  }
}

async function carryOut(
  given: Given,
  records: WorkerRecords,
  onOutcome: (outcome: WorkerOutcome) => Promise<void>,
): Promise<readonly WorkerOutcome[]> {
  const { operation, services } = given;
  if (operation === 'deploy' && services.length > 0) {
    return await deployWorkers({ ...given, onOutcome }, jobLog);
  }
  const outcomes: WorkerOutcome[] = [];
  for (const service of services.length > 0 ? services : [undefined]) {
    const asked = { ...given, service };
    const result =
      operation === 'deploy'
        ? await deployWorker(await planWorkerDeployment(asked, jobLog), jobLog)
        : await (operation === 'rollback' ? rollBack(asked) : remove(asked, records));
    const outcome = { kind: 'done', service: service ?? result.worker, result } as const;
    await onOutcome(outcome);
    outcomes.push(outcome);
  }
  return outcomes;
}

async function rollBack(asked: Given) {
  const { located, ...planned } = await planWorker(asked);
  const { versionId, force, dryRun } = asked;
  const { name: worker, routes } = located;
  return await rollbackWorker({ ...planned, worker, routes, versionId, force, dryRun }, jobLog);
}

async function remove(asked: Given, records: WorkerRecords) {
  const { located, target, ...planned } = await planWorker(asked);
  const { service, confirm, force, dryRun } = asked;
  const result = await deleteWorker({ ...planned, worker: located.name, confirm, force, dryRun }, jobLog);
  if (service !== undefined && target !== undefined && !dryRun) await records.retire({ service, target });
  return result;
}

/** Of several each failure has its own annotation; the last word is on all of them. */
async function tell(outcome: WorkerOutcome, total: number): Promise<void> {
  await writeSummary(outcome.kind === 'done' ? workerSummary(outcome.result) : untouchedSummary(outcome));
  const failure = failureOf(outcome)?.error;
  if (failure !== undefined && total > 1) jobLog.warning(failure.message, failure.place);
  if (outcome.kind === 'held-back') {
    jobLog.warning(`${outcome.service} was left alone, because ${outcome.because} failed.`);
  }
}
