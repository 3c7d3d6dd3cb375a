import { chooseVersion } from '../../core/cloudflare/previous-version.ts';
import { assertSmokeTest, type VersionAsked } from '../../core/cloudflare/smoke-test.ts';
import { readTag, rollbackMessage, settledMessage } from '../../core/cloudflare/version-note.ts';
import { workerUrls } from '../../core/cloudflare/worker-address.ts';
import type { WorkerResult } from '../../core/cloudflare/worker-result.ts';
import type { WranglerRoute } from '../../core/cloudflare/wrangler-file.ts';
import { LaunchError } from '../../core/errors.ts';
import type { HealthCheck } from '../../core/health/check.ts';
import type { Reporter } from '../reporter.ts';
import { assertWayBack } from './assert-way-back.ts';
import { giveUp } from './give-up.ts';
import { readAddress } from './look-before.ts';
import { foreseeMending, mendSplit } from './mend-split.ts';
import { readPast } from './read-past.ts';
import type { WorkerContext, WorkerStart } from './request.ts';
import { resultOf } from './result.ts';
import { setTraffic } from './set-traffic.ts';
import { shiftTraffic, type Traffic } from './shift-traffic.ts';
import { beginWork } from './worker-work.ts';

export interface WorkerRollbackRequest extends WorkerContext {
  /** Its name at Cloudflare. */
  readonly worker: string;
  /** An id, or its first characters; undefined: what had all of the traffic before the live version. */
  readonly versionId?: string | undefined;
  /** For its URL. */
  readonly routes: readonly WranglerRoute[];
  readonly checks: readonly HealthCheck[];
  /** Over a split of the traffic that somebody else has made. */
  readonly force: boolean;
  /** Says what it would go back to, and changes nothing. */
  readonly dryRun: boolean;
  /** Told when something is about to be changed; `commit`: the beginning of the id of what is to serve. */
  readonly onStart?:
    | ((commit: string | undefined, start: Pick<WorkerStart, 'previous' | 'url'>) => Promise<void>)
    | undefined;
}

/**
 * Gives the traffic back to a version of before, with the code, variables and secrets that it had. It works from every
 * machine: what was before is noted with the versions themselves.
 *
 * @throws LaunchError when nothing was changed: CONFIG_INVALID (no such version), DEPLOY_FAILED (there is no way back to
 *   it, with the reason), API_AUTH, API_ERROR, TIMEOUT, CANCELLED
 */
export async function rollbackWorker(
  request: WorkerRollbackRequest,
  reporter: Reporter,
): Promise<WorkerResult> {
  assertSmokeTest(request.checks, []);
  const { worker, routes } = request;
  const work = beginWork(request, [], reporter);
  const [found, address] = await Promise.all([readPast(work.client, worker), readAddress(work, worker)]);
  if (found === undefined) throw noSuchWorker(worker);
  const { versionId: asked } = request;
  // Who names a version wants that one to have the traffic, whoever has split it.
  const { past, live, undone } = request.dryRun
    ? foreseeMending(found)
    : await mendSplit(work, worker, found, request.force || asked !== undefined);
  const urls = workerUrls(routes, address);
  // What is to be left is the version halfway, and the one before it is that which had the traffic.
  const target =
    undone !== undefined && asked === undefined
      ? { id: live, tag: past.versions.find(({ id }) => id === live)?.tag }
      : chooseVersion(found, worker, live, asked);
  const isThere = undone !== undefined && target.id === live;
  if (target.id !== live) await assertWayBack(work, worker, target.id, live);
  const commit = readTag(target.tag).commit;
  const common = { operation: 'rollback', worker, commit, urls } as const;
  const result = (status: 'deployed' | 'unchanged', more: Partial<WorkerResult>): WorkerResult =>
    resultOf(work, {
      ...common,
      status,
      versionId: target.id,
      previousVersionId: live,
      liveVersionId: target.id,
      ...more,
    });
  if (request.dryRun) {
    return result('unchanged', {
      liveVersionId: live,
      plan: [`${worker}: from ${isThere ? undone : live} back to ${target.id}`],
    });
  }
  if (isThere) return result('deployed', { previousVersionId: undone });
  reporter.info(`${worker}: going back from ${live} to ${target.id}.`);
  const [deployment] = past.deployments;
  if (deployment === undefined) throw noSuchWorker(worker);
  await request.onStart?.(commit, { previous: live, url: urls[0] });
  if (target.id === live) {
    const shares = [{ versionId: live, percentage: 100 }];
    await setTraffic(work.client, { worker, shares, message: settledMessage(), after: deployment });
    return result('deployed', { previousVersionId: undefined });
  }
  const traffic: Traffic = { deployment, touched: false };
  const to: VersionAsked = { worker, versionId: target.id, url: urls[0], previewUrl: undefined };
  try {
    const tested = await shiftTraffic(work, {
      to,
      from: live,
      traffic,
      checks: request.checks,
      gradual: [],
      message: rollbackMessage(live),
    });
    return result('deployed', { tested });
  } catch (error) {
    return await giveUp(work, error, {
      ...common,
      old: live,
      failed: target.id,
      touched: traffic.touched,
      tested: request.checks.length === 0 ? 'no' : 'before traffic',
    });
  }
}

export function noSuchWorker(worker: string): LaunchError {
  return new LaunchError(
    'SERVICE_NOT_FOUND',
    `There is no worker "${worker}" in the account, or nothing of it was ever deployed.`,
    {
      remedy: 'Check its name, the environment and the account; deploy it first.',
    },
  );
}
