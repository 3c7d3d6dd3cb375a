import { hasTriggers, wholeBecause } from '../../core/cloudflare/deploy-way.ts';
import { shortId } from '../../core/cloudflare/live-state.ts';
import { assertSmokeTest, checksOfTraffic } from '../../core/cloudflare/smoke-test.ts';
import { isFinished, readMessage, readTag } from '../../core/cloudflare/version-note.ts';
import { isAddressAsWanted, workerUrls } from '../../core/cloudflare/worker-address.ts';
import type { WorkerResult } from '../../core/cloudflare/worker-result.ts';
import { LaunchError } from '../../core/errors.ts';
import type { Reporter } from '../reporter.ts';
import { accountResources } from './account-resources.ts';
import { deployBySteps } from './deploy-by-steps.ts';
import { deployWhole } from './deploy-whole.ts';
import { lookBefore, type WorkerBefore } from './look-before.ts';
import { type PreparedWorker, prepareWorker } from './prepare-worker.ts';
import { rehearseWorker } from './rehearse-worker.ts';
import type { WorkerDeployRequest } from './request.ts';
import { resultOf } from './result.ts';
import { assertHealthy } from './shift-traffic.ts';
import { openWrangler } from './upload-version.ts';
import { beginWork, type WorkerWork } from './worker-work.ts';

/**
 * Deploys one worker, and says what serves afterwards: a version that fails is a result, not an error.
 *
 * @throws LaunchError when nothing was changed: CONFIG_INVALID, API_AUTH, API_ERROR, TIMEOUT, DEPLOY_FAILED (wrangler
 *   could not bundle or upload it), ENGINE_UNAVAILABLE, CANCELLED
 */
export async function deployWorker(request: WorkerDeployRequest, reporter: Reporter): Promise<WorkerResult> {
  assertSmokeTest(request.checks, request.gradual);
  const work = beginWork(request, request.secrets.values(), reporter);
  // A rehearsal asks nobody.
  const worker = await prepareWorker(request, request.dryRun ? undefined : accountResources(work.client));
  try {
    if (request.dryRun) return await rehearseWorker(request, worker, work);
    const before = await lookBefore(work, worker, request.force);
    if (before !== undefined && (await isLive(request, worker, work, before))) {
      return unchanged(worker, work, before);
    }
    if (before !== undefined) await assertNotSuperseded(request, worker, before);
    const [url] = before === undefined ? [] : workerUrls(worker.routes, before.address);
    request.onStart?.({ previous: before?.live, url });
    const tasks = await openWrangler(request, worker, work);
    const whole = wholeFor(worker, before);
    if (whole !== undefined || before === undefined) {
      return await deployWhole(request, worker, work, before, tasks, whole ?? '');
    }
    const needsTriggers =
      hasTriggers(worker.config, worker.settings, worker.isCopy) ||
      !isAddressAsWanted(addressWanted(worker), before.address);
    return await deployBySteps(request, worker, work, before, tasks, needsTriggers);
  } finally {
    await worker.remove();
  }
}

function wholeFor(worker: PreparedWorker, before: WorkerBefore | undefined): string | undefined {
  const because = wholeBecause(worker.config, worker.settings, before);
  if (because !== undefined || before === undefined) return because;
  if (isForgotten(before))
    return 'the live version is none of the last 100, and can get no part of the traffic';
  const wanted = addressWanted(worker);
  const isOff = !before.address.enabled && isAddressAsWanted(wanted, { ...before.address, enabled: true });
  return isOff && worker.routes.length === 0 ? 'its address was not switched on yet' : undefined;
}

/** Cloudflare refuses every deployment with such a version in it: there is no split with it, and no way back to it. */
function isForgotten({ past: { versions }, live }: WorkerBefore): boolean {
  return versions.length >= 100 && versions.every(({ id }) => id !== live);
}

/** A copy answers below workers.dev, whatever the configuration says of the worker itself. */
function addressWanted({ settings, routes, isCopy }: PreparedWorker) {
  const { workersDev, previewUrls } = settings;
  return { workersDev: isCopy ? true : workersDev, previewUrls, routes };
}

/** Whether what has all of the traffic is this already, deployed to the end, and passes its smoke test. */
async function isLive(
  request: WorkerDeployRequest,
  { name, identity, routes }: PreparedWorker,
  work: WorkerWork,
  { past, live, address }: WorkerBefore,
): Promise<boolean> {
  const version = past.versions.find(({ id }) => id === live);
  const isSame = identity !== undefined && readTag(version?.tag).identity === identity;
  if (!isSame || request.force) return false;
  if (!isFinished(past.deployments, live)) {
    work.notice(
      `${shortId(live)} is live and would be the same, but a run before this one did not come to its end with it. It is deployed anew.`,
    );
    return false;
  }
  try {
    const [url] = workerUrls(routes, address);
    const asked = { worker: name, versionId: live, url, previewUrl: undefined };
    await assertHealthy(work, checksOfTraffic(request.checks, asked));
    return true;
  } catch (error) {
    if (!(error instanceof LaunchError) || error.code !== 'HEALTH_FAILED') throw error;
    work.notice(`${shortId(live)} is live and would be the same, but: ${error.summary} It is deployed anew.`);
    return false;
  }
}

/** @throws LaunchError SUPERSEDED when an older commit would take the place of a newer one */
async function assertNotSuperseded(
  { commit, comesAfter, force }: WorkerDeployRequest,
  { name }: PreparedWorker,
  { past, live }: WorkerBefore,
): Promise<void> {
  const liveCommit = readTag(past.versions.find(({ id }) => id === live)?.tag).commit;
  if (force || commit === undefined || liveCommit === undefined) return;
  if ((await comesAfter?.(liveCommit)) !== true) return;
  throw new LaunchError(
    'SUPERSEDED',
    `A newer commit of "${name}" is live: ${liveCommit}, which comes after ${commit.slice(0, 12)}.`,
    {
      remedy:
        'Nothing has been changed. To go back on purpose, use `operation: rollback` or `launch rollback`; `force` deploys it all the same.',
    },
  );
}

function unchanged(
  { name, routes }: PreparedWorker,
  work: WorkerWork,
  { past, live, address }: WorkerBefore,
): WorkerResult {
  const version = past.versions.find(({ id }) => id === live);
  work.reporter.info(`${name}: ${live} is live and the same: nothing to do.`);
  return resultOf(work, {
    operation: 'deploy',
    status: 'unchanged',
    worker: name,
    versionId: live,
    previousVersionId: readMessage(version?.message).before,
    liveVersionId: live,
    urls: workerUrls(routes, address),
    commit: readTag(version?.tag).commit,
  });
}
