import { setTimeout as sleep } from 'node:timers/promises';
import { soleVersion, type WorkerDeployment } from '../../core/cloudflare/live-state.ts';
import { checksOfTraffic } from '../../core/cloudflare/smoke-test.ts';
import { settledMessage, versionMessage } from '../../core/cloudflare/version-note.ts';
import { workerUrls } from '../../core/cloudflare/worker-address.ts';
import type { WorkerResult } from '../../core/cloudflare/worker-result.ts';
import { LaunchError } from '../../core/errors.ts';
import { giveUp, unchangedBy } from './give-up.ts';
import { readAddress, type WorkerBefore } from './look-before.ts';
import type { PreparedWorker } from './prepare-worker.ts';
import { readDeployments, readVersions } from './read-past.ts';
import type { WorkerDeployRequest } from './request.ts';
import { resultOf } from './result.ts';
import { runWorkerHook } from './run-worker-hook.ts';
import { Overtaken, setTraffic } from './set-traffic.ts';
import { assertHealthy } from './shift-traffic.ts';
import type { WranglerTasks } from './upload-version.ts';
import type { WorkerWork } from './worker-work.ts';

/**
 * Has wrangler do all of it: the new version has the traffic before it can be tested. What wrangler says of that is not
 * relied on: a deployment that it calls failed can be live.
 *
 * @throws LaunchError when nothing was changed
 */
export async function deployWhole(
  request: WorkerDeployRequest,
  worker: PreparedWorker,
  work: WorkerWork,
  before: WorkerBefore | undefined,
  tasks: WranglerTasks,
  because: string,
): Promise<WorkerResult> {
  const { name } = worker;
  const old = before?.live;
  if (request.checks.length > 0) {
    work.notice(`The smoke test comes only once the new version has the traffic: ${because}.`);
  }
  try {
    await runWorkerHook(request, name, work, 'build');
    await runWorkerHook(request, name, work, 'pre-deploy');
  } catch (error) {
    throw unchangedBy(error, old);
  }
  const error = await work.reporter.group(`Deploy ${name}`, async () => await tasks.deployWhole(old));
  const now = await newDeployment(work, name, before?.past.deployments[0]);
  const versionId = soleVersion(now);
  if (now === undefined || versionId === undefined) {
    throw unchangedBy(error ?? notLive(name), old);
  }
  const urls = async () => workerUrls(worker.routes, await readAddress(work, name));
  const common = { worker: name, operation: 'deploy', commit: request.commit } as const;
  const tested = request.checks.length === 0 ? 'no' : 'afterwards';
  try {
    await assertOurs(work, name, versionId, now, versionMessage(request.by, old));
    if (error !== undefined) {
      work.notice(`The version ${versionId} went live although wrangler failed.`);
      throw error;
    }
    const [url] = await urls();
    const asked = { worker: name, versionId, url, previewUrl: undefined };
    await runWorkerHook(request, name, work, 'post-deploy');
    await assertHealthy(work, checksOfTraffic(request.checks, asked));
    work.goOn();
    await setTraffic(work.client, {
      worker: name,
      shares: [{ versionId, percentage: 100 }],
      message: settledMessage(),
      after: now,
    });
    return resultOf(work, {
      ...common,
      status: 'deployed',
      versionId,
      previousVersionId: old,
      liveVersionId: versionId,
      urls: await urls(),
      tested,
    });
  } catch (fault) {
    const known = await urls().catch(() => []);
    return await giveUp(work, fault, {
      ...common,
      old,
      failed: versionId,
      touched: true,
      tested,
      urls: known,
    });
  }
}

/** For a list that is a moment behind, in milliseconds. */
const pausesMs = [0, 500, 1500];

/** The deployment that was not there before; undefined when there is none. */
async function newDeployment(
  work: WorkerWork,
  name: string,
  before: WorkerDeployment | undefined,
): Promise<WorkerDeployment | undefined> {
  for (const pause of pausesMs) {
    await sleep(pause);
    const now = (await readDeployments(work.wayBack, name))?.[0];
    if (now !== undefined && now.id !== before?.id) return now;
  }
  return undefined;
}

async function assertOurs(
  work: WorkerWork,
  name: string,
  versionId: string,
  now: WorkerDeployment,
  message: string,
): Promise<void> {
  const found = (await readVersions(work.wayBack, name)).find(({ id }) => id === versionId);
  if (found !== undefined && found.message !== message) throw new Overtaken(name, now);
}

function notLive(name: string): LaunchError {
  return new LaunchError(
    'DEPLOY_FAILED',
    `wrangler says that it has deployed "${name}", but Cloudflare knows of no new deployment.`,
    { remedy: 'Look at the log of wrangler above, then run it again.' },
  );
}
