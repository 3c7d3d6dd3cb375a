import type { CloudflareClient } from '../../adapters/cloudflare/api.ts';
import { isBindingTargetThere } from '../../adapters/cloudflare/binding-target.ts';
import { shortId } from '../../core/cloudflare/live-state.ts';
import { obstacleOnWayBack, secretsThatDiffer } from '../../core/cloudflare/way-back.ts';
import { LaunchError } from '../../core/errors.ts';
import { readParts } from './read-past.ts';
import type { WorkerWork } from './worker-work.ts';

/**
 * Makes sure that a version of before can have the traffic again; says which secrets change with it.
 *
 * @throws LaunchError DEPLOY_FAILED with the reason for which Cloudflare can't, before anything is touched
 */
export async function assertWayBack(
  work: WorkerWork,
  worker: string,
  target: string,
  live: string,
): Promise<void> {
  const [to, from] = await Promise.all([
    readParts(work.client, worker, target),
    readParts(work.client, worker, live),
  ]);
  const missing = await whatIsMissing(work.client, to.bindings);
  const obstacle = obstacleOnWayBack(to, from, missing);
  if (obstacle !== undefined) {
    throw new LaunchError(
      'DEPLOY_FAILED',
      `"${worker}" can't go back to the version ${target}: ${obstacle}.`,
      {
        remedy: `Nothing has been changed: the version ${live} has the traffic. Mend it forward with a new deployment.`,
      },
    );
  }
  const secrets = secretsThatDiffer(to, from);
  if (secrets.length === 0) return;
  work.notice(
    `The secrets are those that ${shortId(target)} had: it and ${shortId(live)} differ in ${secrets.join(', ')}.`,
  );
}

async function whatIsMissing<T extends { readonly type: string; readonly leadsTo: string | undefined }>(
  client: CloudflareClient,
  bindings: readonly T[],
): Promise<readonly T[]> {
  const there = await Promise.all(
    bindings.map(async (binding) => await isBindingTargetThere(client, binding)),
  );
  return bindings.filter((_binding, at) => there[at] === false);
}
