import type { SmokeTested, WorkerResult } from '../../core/cloudflare/worker-result.ts';
import { LaunchError } from '../../core/errors.ts';
import { resultOf } from './result.ts';
import { Overtaken } from './set-traffic.ts';
import { liveNow, takeBack, type WayBack } from './take-back.ts';
import type { WorkerWork } from './worker-work.ts';

export interface GivenUp extends WayBack {
  readonly operation: 'deploy' | 'rollback';
  readonly tested: SmokeTested;
  readonly urls: readonly string[];
  readonly commit: string | undefined;
}

/** Gives the traffic back to the version before, and says what has come of that. */
export async function giveUp(work: WorkerWork, error: unknown, given: GivenUp): Promise<WorkerResult> {
  const { worker, old, failed, operation, tested, urls, commit } = given;
  const reason = error instanceof LaunchError ? error.summary.replace(/\.$/, '') : String(error);
  const cancelled = error instanceof LaunchError && error.code === 'CANCELLED';
  const said = work.redact(cancelled ? 'the run was cancelled' : reason);
  work.reporter.warning(`${worker}: ${said}.`);
  const isOvertaken = error instanceof Overtaken;
  const { live, because } = isOvertaken
    ? { live: await liveNow(work, worker), because: undefined }
    : await takeBack(work, given);
  // A fault of Launch's own is told as one, once the worker is in order.
  if (!(error instanceof LaunchError)) throw error;
  return resultOf(work, {
    operation,
    status: !isOvertaken && old !== undefined && live === old ? 'rolled-back' : 'failed',
    worker,
    versionId: failed,
    previousVersionId: old,
    liveVersionId: live,
    urls,
    commit,
    tested,
    failure: { reason: said, lines: [], ...(cancelled ? { cancelled } : {}) },
    notTakenBack: because === undefined ? undefined : work.redact(because),
  });
}

/** The same error, which says that nothing has come of it. */
export function unchangedBy(error: unknown, live: string | undefined): unknown {
  if (!(error instanceof LaunchError)) return error;
  const serves = live === undefined ? '' : ` The version ${live} still has all of the traffic.`;
  const { code, summary, remedy, place, cause } = error;
  return new LaunchError(code, summary, {
    remedy: `Nothing has been changed.${serves} ${remedy}`,
    ...(place === undefined ? {} : { place }),
    cause,
  });
}
