import { cloudflareCodeOf } from '../../adapters/cloudflare/failure.ts';
import { deleteWorker as deleteAtCloudflare } from '../../adapters/cloudflare/workers.ts';
import { soleVersion } from '../../core/cloudflare/live-state.ts';
import type { WorkerResult } from '../../core/cloudflare/worker-result.ts';
import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';
import type { Reporter } from '../reporter.ts';
import { readPast } from './read-past.ts';
import type { WorkerContext } from './request.ts';
import { resultOf } from './result.ts';
import { noSuchWorker } from './rollback-worker.ts';
import { beginWork } from './worker-work.ts';

export interface WorkerDeleteRequest extends WorkerContext {
  /** Its name at Cloudflare. */
  readonly worker: string;
  /** The same name, typed again. */
  readonly confirm: string | undefined;
  /** Also when other workers are bound to it: their bindings go with it, and its Durable Objects. */
  readonly force: boolean;
  readonly dryRun: boolean;
}

/**
 * Deletes a worker, with its versions, secrets and Durable Objects.
 *
 * @throws LaunchError when nothing was changed: CONFIG_INVALID (not confirmed), SERVICE_NOT_FOUND, DEPLOY_FAILED (others
 *   need it), API_AUTH, API_ERROR, TIMEOUT, CANCELLED
 */
export async function deleteWorker(request: WorkerDeleteRequest, reporter: Reporter): Promise<WorkerResult> {
  const { worker, confirm, dryRun } = request;
  if (confirm !== worker && !dryRun) {
    throw new LaunchError('CONFIG_INVALID', `Deleting "${worker}" is not confirmed${typed(confirm)}.`, {
      remedy: `Nothing has been changed. Type the name of the worker again as \`confirm\`: ${worker}. It goes with its versions, secrets and Durable Objects, and can't be brought back.`,
    });
  }
  const work = beginWork(request, [], reporter);
  const past = await readPast(work.client, worker);
  if (past === undefined) throw noSuchWorker(worker);
  const live = soleVersion(past.deployments[0]);
  if (!dryRun) {
    try {
      await deleteAtCloudflare(work.client, worker, request.force);
    } catch (error) {
      if (error instanceof LaunchError && cloudflareCodeOf(error) === stillUsed) throw inUse(worker, error);
      throw error;
    }
    reporter.info(`${worker} is deleted.`);
  }
  return resultOf(work, {
    operation: 'delete',
    status: dryRun ? 'unchanged' : 'deleted',
    worker,
    versionId: undefined,
    previousVersionId: live,
    liveVersionId: dryRun ? live : undefined,
    urls: [],
    commit: undefined,
    plan: dryRun
      ? [`delete ${worker} with its ${past.versions.length} versions, its secrets and Durable Objects`]
      : undefined,
  });
}

/** Other workers are bound to it (as remembered; what the real API answers was not tried). */
const stillUsed = 10_064;

function inUse(worker: string, error: LaunchError): LaunchError {
  return new LaunchError('DEPLOY_FAILED', `"${worker}" is not deleted: ${error.summary}`, {
    remedy:
      'Nothing has been changed. Take its bindings out of those workers and deploy them first; with `force` they lose them.',
    cause: error,
  });
}

function typed(confirm: string | undefined): string {
  return confirm === undefined ? '' : `: "${printable(confirm, 80)}" is another name`;
}
