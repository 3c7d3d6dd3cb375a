import { isWorkerDown } from '../core/cloudflare/worker-failure.ts';
import type { WorkerResult } from '../core/cloudflare/worker-result.ts';
import type { ErrorCode } from '../core/errors.ts';

/** What a terminal or a script learns from `launch`'s exit status. */
export const exitCodes = {
  ok: 0,
  /** Failed, and nothing was changed. */
  failed: 1,
  /** The command line was wrong. */
  usage: 2,
  /** The new release failed; the old one serves. */
  rolledBack: 3,
  /** The service is down. */
  down: 4,
} as const;

/** The exit status of an error that reached the top: only a failed way back leaves a service down. */
export function exitCodeOf(code: ErrorCode): number {
  return code === 'ROLLBACK_FAILED' ? exitCodes.down : exitCodes.failed;
}

/** Of a worker; a version that failed and has the traffic all the same is as bad as none. */
export function exitCodeOfWorker(result: WorkerResult): number {
  if (result.failure === undefined) return exitCodes.ok;
  if (result.status === 'rolled-back') return exitCodes.rolledBack;
  return isWorkerDown(result) ? exitCodes.down : exitCodes.failed;
}
