import { writeScriptSettings } from '../../adapters/cloudflare/script-settings.ts';
import { unversionedSettings } from '../../core/cloudflare/deploy-way.ts';
import type { VersionAsked } from '../../core/cloudflare/smoke-test.ts';
import { settledMessage } from '../../core/cloudflare/version-note.ts';
import { workerUrls } from '../../core/cloudflare/worker-address.ts';
import type { WorkerResult } from '../../core/cloudflare/worker-result.ts';
import { LaunchError } from '../../core/errors.ts';
import { giveUp, unchangedBy } from './give-up.ts';
import { readAddress, type WorkerBefore } from './look-before.ts';
import type { PreparedWorker } from './prepare-worker.ts';
import type { WorkerDeployRequest } from './request.ts';
import { resultOf } from './result.ts';
import { runWorkerHook } from './run-worker-hook.ts';
import { shiftTraffic, type Traffic } from './shift-traffic.ts';
import type { Uploaded, WranglerTasks } from './upload-version.ts';
import type { WorkerWork } from './worker-work.ts';

/**
 * Uploads a version that gets no traffic, tests it, and gives it the traffic. Wrangler is started for what only it can
 * do: to bundle, and to set routes and schedules where there are any.
 *
 * @throws LaunchError when nothing was changed
 */
export async function deployBySteps(
  request: WorkerDeployRequest,
  worker: PreparedWorker,
  work: WorkerWork,
  before: WorkerBefore,
  tasks: WranglerTasks,
  needsTriggers: boolean,
): Promise<WorkerResult> {
  const { past, live } = before;
  const { name } = worker;
  const uploaded = await upload(request, worker, work, before, tasks).catch((error: unknown) => {
    throw unchangedBy(error, live);
  });
  const [deployment] = past.deployments;
  if (deployment === undefined) throw new Error(`${name} has no deployment`);
  const urls = workerUrls(worker.routes, before.address);
  // Those that are to go are still there, for the first version that says so.
  const previewUrl = worker.settings.previewUrls === false ? undefined : uploaded.previewUrl;
  const { versionId } = uploaded;
  const to: VersionAsked = { worker: name, url: urls[0], versionId, previewUrl };
  const traffic: Traffic = { deployment, touched: false };
  try {
    const tested = await shiftTraffic(work, {
      to,
      from: live,
      traffic,
      checks: request.checks,
      gradual: request.gradual,
      message: settledMessage(),
      beforehand: async () => await setUnversioned(request, worker, work),
      afterwards:
        needsTriggers || request.hooks?.['post-deploy'] !== undefined
          ? async () => {
              if (needsTriggers) {
                await work.reporter.group(
                  `Routes and schedules of ${name}`,
                  async () => await tasks.triggers(),
                );
              }
              await runWorkerHook(request, name, work, 'post-deploy');
            }
          : undefined,
    });
    return resultOf(work, {
      operation: 'deploy',
      status: 'deployed',
      worker: name,
      versionId: uploaded.versionId,
      previousVersionId: live,
      liveVersionId: uploaded.versionId,
      urls: needsTriggers ? workerUrls(worker.routes, await readAddress(work, name)) : urls,
      commit: request.commit,
      tested,
    });
  } catch (error) {
    return await giveUp(work, error, {
      operation: 'deploy',
      worker: name,
      old: live,
      failed: uploaded.versionId,
      touched: traffic.touched,
      tested: request.checks.length === 0 ? 'no' : 'before traffic',
      urls,
      commit: request.commit,
    });
  }
}

async function upload(
  request: WorkerDeployRequest,
  { name }: PreparedWorker,
  work: WorkerWork,
  { live, past }: WorkerBefore,
  tasks: WranglerTasks,
): Promise<Uploaded> {
  await runWorkerHook(request, name, work, 'build');
  const uploaded = await work.reporter.group(`Upload ${name}`, async () => await tasks.upload(live, past));
  await runWorkerHook(request, name, work, 'pre-deploy');
  return uploaded;
}

/** As with wrangler, a worker whose logs could not be set is deployed all the same. */
async function setUnversioned(
  { environment }: WorkerDeployRequest,
  { name, config, isCopy }: PreparedWorker,
  work: WorkerWork,
): Promise<void> {
  // Who a copy's logs go to is in the configuration that was derived, and wrangler alone reads that.
  const { tail_consumers: consumers, ...settings } = unversionedSettings(config, environment);
  const sent = isCopy || consumers === undefined ? settings : { ...settings, tail_consumers: consumers };
  await writeScriptSettings(work.client, name, sent).catch((error: unknown) => {
    work.goOn();
    if (!(error instanceof LaunchError)) throw error;
    work.notice(`Logs and observability of "${name}" could not be set: ${error.summary}`);
  });
}
