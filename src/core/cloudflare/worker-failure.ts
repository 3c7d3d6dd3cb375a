import { LaunchError } from '../errors.ts';
import { shortId } from './live-state.ts';
import type { WorkerResult } from './worker-result.ts';

/** Whether what failed leaves the worker without a version that is known to serve well. */
export function isWorkerDown({ failure, status, liveVersionId, versionId }: WorkerResult): boolean {
  if (failure === undefined || status !== 'failed') return false;
  return liveVersionId === undefined || liveVersionId === versionId;
}

/** The error of an operation that did not go well, or undefined; it says which version serves. */
export function workerFailure(result: WorkerResult): LaunchError | undefined {
  const { failure, worker, status } = result;
  if (failure === undefined) return undefined;
  const isCancelled = failure.cancelled === true;
  const doing = result.operation === 'rollback' ? 'rolled back' : 'deployed';
  const what = isCancelled
    ? `The run was cancelled while "${worker}" was being ${doing}.`
    : `${subject(result)} failed: ${failure.reason}.`;
  const next = isCancelled ? 'Start it again when you want it to go on.' : 'Mend the cause and push again.';
  const code = isCancelled ? 'CANCELLED' : 'DEPLOY_FAILED';
  if (status !== 'rolled-back' && result.notTakenBack !== undefined) {
    return new LaunchError('ROLLBACK_FAILED', what, {
      remedy: `${serving(result)} The version before could not be put back: ${result.notTakenBack}. Look at the worker now: \`launch history ${worker}\`.`,
    });
  }
  return new LaunchError(code, what, { remedy: `${serving(result)} ${next}` });
}

function subject({ operation, versionId, worker }: WorkerResult): string {
  if (operation === 'delete') return `Deleting "${worker}"`;
  const version = versionId === undefined ? 'new version' : `version ${versionId}`;
  return operation === 'rollback'
    ? `Going back to ${version} of "${worker}"`
    : `The ${version} of "${worker}"`;
}

/** Which version has the traffic, as a sentence. */
export function serving(result: WorkerResult): string {
  const { status, versionId, previousVersionId, liveVersionId, worker } = result;
  if (status === 'deleted') return 'The worker is gone.';
  if (liveVersionId === undefined) return `What has the traffic of "${worker}" now could not be found out.`;
  if (liveVersionId === previousVersionId)
    return `The version before it (${liveVersionId}) has all of the traffic.`;
  if (liveVersionId !== versionId) return `The version ${shortId(liveVersionId)} has all of the traffic.`;
  return previousVersionId === undefined
    ? 'It is the first version of the worker: there is none to go back to, so it has all of the traffic.'
    : 'It has all of the traffic.';
}
