import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeShares, soleVersion } from '../../core/cloudflare/live-state.ts';
import { readTag } from '../../core/cloudflare/version-note.ts';
import { workerUrls } from '../../core/cloudflare/worker-address.ts';
import type { WorkerResult } from '../../core/cloudflare/worker-result.ts';
import { readAddress } from './look-before.ts';
import type { PreparedWorker } from './prepare-worker.ts';
import { readPast } from './read-past.ts';
import type { WorkerDeployRequest } from './request.ts';
import { resultOf } from './result.ts';
import { openWrangler } from './upload-version.ts';
import type { WorkerWork } from './worker-work.ts';

/** Bundles the worker and says what would be done; without a token also what is live is left open. */
export async function rehearseWorker(
  request: WorkerDeployRequest,
  worker: PreparedWorker,
  work: WorkerWork,
): Promise<WorkerResult> {
  const { name } = worker;
  const hasToken = request.account.apiToken !== '';
  const past = hasToken ? await readPast(work.client, name) : undefined;
  const urls = past === undefined ? [] : workerUrls(worker.routes, await readAddress(work, name));
  const tasks = await openWrangler(request, worker, work);
  const outdir = await mkdtemp(join(tmpdir(), 'launch-bundle-'));
  try {
    await work.reporter.group(`Bundle ${name}`, async () => await tasks.rehearse(outdir));
  } finally {
    await rm(outdir, { recursive: true, force: true });
  }
  const [deployment] = past?.deployments ?? [];
  const live = soleVersion(deployment);
  const liveTag = readTag(past?.versions.find(({ id }) => id === live)?.tag);
  const isSame = worker.identity !== undefined && liveTag.identity === worker.identity;
  const steps = request.checks.length === 0 ? [100] : [0, ...request.gradual.filter((it) => it < 100), 100];
  const traffic =
    deployment === undefined ? 'nothing: it was never deployed' : describeShares(deployment.shares);
  const plan = [
    `worker ${name}${request.environment === undefined ? '' : `, environment ${request.environment}`}`,
    hasToken ? `live: ${traffic}` : 'live: not asked, because there is no token',
    ...(isSame ? ['the same is live already: nothing would be done'] : []),
    `traffic: ${steps.map((step) => `${step} %`).join(', ')}`,
    `smoke test: ${request.checks.length === 0 ? 'none' : `${request.checks.length} at each step`}`,
    ...(request.secrets.size === 0 ? [] : [`secrets: ${[...request.secrets.keys()].sort().join(', ')}`]),
    ...(request.vars.size === 0 ? [] : [`variables: ${[...request.vars.keys()].sort().join(', ')}`]),
  ];
  return resultOf(work, {
    operation: 'deploy',
    status: 'unchanged',
    worker: name,
    versionId: live,
    previousVersionId: undefined,
    liveVersionId: live,
    urls,
    commit: request.commit,
    plan,
  });
}
