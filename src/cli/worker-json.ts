import { workerFailure } from '../core/cloudflare/worker-failure.ts';
import type { WorkerResult } from '../core/cloudflare/worker-result.ts';
import type { WorkerOutput } from './output/worker.ts';
import type { ReadonlyDeep } from './run-command.ts';

/** What became of a worker for `--json`, with the error that it amounts to. */
export function workerJson(result: WorkerResult): ReadonlyDeep<WorkerOutput> {
  const failure = workerFailure(result);
  if (failure === undefined) return result;
  return { ...result, error: { code: failure.code, message: failure.message } };
}
