import type { WorkerResult } from '../../core/cloudflare/worker-result.ts';
import { LaunchError } from '../../core/errors.ts';
import type { Reporter } from '../reporter.ts';
import type { WorkerDeployRequest } from './request.ts';

/**
 * Deploys one worker, and says what serves afterwards: a version that fails is a result, not an error.
 *
 * @throws LaunchError when nothing was changed: CONFIG_INVALID, API_AUTH, API_ERROR, TIMEOUT, CANCELLED, SUPERSEDED
 */
export async function deployWorker(
  _request: WorkerDeployRequest,
  _reporter: Reporter,
): Promise<WorkerResult> {
  throw new LaunchError('CONFIG_INVALID', 'Workers can not be deployed yet.', { remedy: 'Wait for it.' });
}
