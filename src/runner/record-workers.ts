import type { WorkerOutcome } from '../core/cloudflare/worker-set.ts';
import { statusOfRefusal, statusOfRemoval, statusOfWorker } from '../core/deploy/deployment-record.ts';
import { releaseId } from '../core/deploy/release.ts';
import { redactor } from '../core/secrets/redact.ts';
import type { Recording } from '../operations/record-deployment.ts';
import type { WorkerStart } from '../operations/worker/request.ts';
import { type RecordInputs, recorderFor } from './deployment-recorder.ts';
import { runContext } from './run.ts';

export interface WorkerRecording {
  readonly task: 'deploy' | 'rollback';
  readonly record: RecordInputs;
  /** A cancelled run does not wait for GitHub. */
  readonly signal: AbortSignal;
  readonly secrets: Iterable<string>;
}

/** Records on GitHub what becomes of the workers of a step; none of it holds up or fails a deployment. */
export interface WorkerRecords {
  begin(start: WorkerStart): void;
  end(outcome: WorkerOutcome): Promise<void>;
  /** Of a worker that was deleted: what was live is not any more. */
  retire(place: { readonly service: string; readonly target: string }): Promise<void>;
  /** Of whatever has not come to an end, because of this. */
  refuse(error: unknown): Promise<void>;
}

export async function recordWorkers({
  task,
  record,
  signal,
  secrets,
}: WorkerRecording): Promise<WorkerRecords> {
  const recorder = await recorderFor(record);
  const open = new Map<string, Recording>();
  const refuse = async (service: string, error: unknown) => {
    const recording = open.get(service);
    open.delete(service);
    await recording?.end(statusOfRefusal(error, redactor(secrets)), signal);
  };
  return {
    begin(start) {
      if (recorder === undefined) return;
      const release = releaseId(new Date(), start.commit, []);
      const options = { onId: () => {}, endOf: () => undefined };
      open.set(start.service, recorder.begin({ ...start, task, release }, options));
    },
    async end(outcome) {
      const { kind, service } = outcome;
      if (kind === 'refused') return await refuse(service, outcome.error);
      const recording = open.get(service);
      open.delete(service);
      if (kind === 'done') await recording?.end(statusOfWorker(outcome.result), signal);
    },
    async retire(place) {
      await recorder?.retire(place, statusOfRemoval(runContext().actor));
    },
    async refuse(error) {
      for (const service of [...open.keys()]) await refuse(service, error);
    },
  };
}
