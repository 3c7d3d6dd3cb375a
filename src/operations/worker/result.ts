import type { WorkerResult } from '../../core/cloudflare/worker-result.ts';
import type { WorkerWork } from './worker-work.ts';

/** What every operation has to say of its end; the rest is said by those whom it concerns. */
type Said = Pick<
  WorkerResult,
  'operation' | 'status' | 'worker' | 'versionId' | 'previousVersionId' | 'liveVersionId' | 'urls' | 'commit'
> &
  Partial<WorkerResult>;

/** How an operation ended, with the time it took and what it told on the way. */
export function resultOf(work: WorkerWork, said: Said): WorkerResult {
  return {
    tested: 'no',
    failure: undefined,
    notTakenBack: undefined,
    plan: undefined,
    ...said,
    durationMs: work.elapsedMs(),
    notices: work.notices,
  };
}
