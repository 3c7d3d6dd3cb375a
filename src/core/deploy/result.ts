import { LaunchError } from '../errors.ts';

export type DeployStatus = 'deployed' | 'unchanged' | 'rolled-back' | 'failed';

/** Why a release was not accepted. */
export interface Failure {
  readonly reason: string;
  /** The last lines of what failed, oldest first; bounded, without secrets. */
  readonly lines: readonly string[];
  /** Nothing was wrong with it: somebody ended the run. */
  readonly cancelled?: boolean;
}

/** How a deployment ended. What runs now is told by `status`, never left to guess. */
export interface DeployResult {
  readonly status: DeployStatus;
  readonly service: string;
  readonly target: string;
  /** The release that was made, or for `unchanged` the one that serves. */
  readonly release: string;
  /** The release before it. */
  readonly previousRelease: string | undefined;
  readonly commit: string;
  readonly fingerprint: string;
  readonly url: string | undefined;
  readonly durationMs: number;
  /** Containers that this deployment made, and those it left as they were; empty for scripts. */
  readonly made: readonly string[];
  readonly kept: readonly string[];
  /** How long it did not answer while it was deployed, and how many probes failed; undefined where none could tell. */
  readonly outageMs?: number | undefined;
  readonly failedProbes?: number | undefined;
  /** Why no outage could be measured, where there was a release that could have one. */
  readonly notMeasured?: string | undefined;
  readonly failure: Failure | undefined;
  /** Where `status` is `failed`: why the old release could not be put back; undefined where none was, or was to be. */
  readonly notPutBack: string | undefined;
  /** Where `status` is `failed`: requests still go to the release before, and to nothing else. */
  readonly previousServes?: boolean;
  /** Of a rehearsal: what would be done. */
  readonly plan: readonly string[] | undefined;
  /** What a person should know beside: that the service is frozen, which secrets differ. */
  readonly notices?: readonly string[];
  /** Of a rollback: the release whose content came back. */
  readonly restores?: string | undefined;
  /** Of an `unchanged` one that a freeze holds: what is wrong with what serves, where it is not in order. */
  readonly fault?: string | undefined;
  /** Of an `unchanged` one: a freeze held it. */
  readonly frozen?: boolean | undefined;
  /** Of an `unchanged` one that came too late: which newer commit is live, in a few words. */
  readonly superseded?: string | undefined;
}

/** Whether a deployment that failed leaves the service without a release that is known to serve. */
export function isDown({ failure, status, previousServes }: DeployResult): boolean {
  return failure !== undefined && status !== 'rolled-back' && previousServes !== true;
}

/**
 * The error of a deployment that did not go well, or undefined. One that was cancelled is CANCELLED, unless the old
 * release could not be put back: then that is what somebody has to know.
 */
export function deployFailure(result: DeployResult): LaunchError | undefined {
  const { status, service, target, failure } = result;
  if (failure === undefined) return undefined;
  const isCancelled = failure.cancelled === true;
  const happened = isCancelled ? 'was cancelled while it was being deployed' : `failed: ${failure.reason}`;
  const what = `The release ${result.release} of "${service}" on "${target}" ${happened}.`;
  const next = isCancelled ? 'Start it again when you want it to go on.' : 'Mend the cause and push again.';
  const code = isCancelled ? 'CANCELLED' : 'DEPLOY_FAILED';
  if (status === 'rolled-back') {
    return new LaunchError(code, what, {
      remedy: `The release before it (${result.previousRelease ?? 'unknown'}) serves again. ${next}`,
    });
  }
  if (result.notPutBack !== undefined) {
    return new LaunchError('ROLLBACK_FAILED', what, {
      remedy: `The old release could not be put back: ${result.notPutBack}. The service may be down: look at it on the host.`,
    });
  }
  if (result.previousServes === true) {
    return new LaunchError(code, what, {
      remedy: `The release before it (${result.previousRelease ?? 'unknown'}) still serves; the new containers were left beside it, as asked for, and get no requests. The next deployment removes them. ${next}`,
    });
  }
  return new LaunchError(code, what, {
    remedy:
      result.previousRelease === undefined
        ? `There is no release before it, so the service is down. ${next}`
        : `It was left as it is, as asked for. ${next}`,
  });
}
