import { soleVersion } from '../../core/cloudflare/live-state.ts';
import { previousVersion } from '../../core/cloudflare/previous-version.ts';
import { type HistoryLine, historyLine } from '../../core/cloudflare/version-note.ts';
import type { Reporter } from '../reporter.ts';
import { readPast } from './read-past.ts';
import type { WorkerContext } from './request.ts';
import { noSuchWorker } from './rollback-worker.ts';
import { beginWork } from './worker-work.ts';

export interface WorkerHistory {
  readonly worker: string;
  /** What has all of the traffic; undefined while it is split. */
  readonly live: string | undefined;
  /** What a rollback goes to; undefined where there is nothing to go back to. */
  readonly previous: string | undefined;
  /** The versions that can be gone back to, newest first. */
  readonly versions: readonly HistoryLine[];
}

/** @throws LaunchError SERVICE_NOT_FOUND, API_AUTH, API_ERROR, TIMEOUT */
export async function readWorkerHistory(
  request: WorkerContext & { readonly worker: string },
  reporter: Reporter,
): Promise<WorkerHistory> {
  const { worker } = request;
  const work = beginWork(request, [], reporter);
  const past = await readPast(work.client, worker);
  if (past === undefined) throw noSuchWorker(worker);
  const [deployment] = past.deployments;
  const live = soleVersion(deployment);
  return {
    worker,
    live,
    previous: live === undefined ? undefined : previousVersion(past, live),
    versions: past.versions.map((version) => historyLine(version, deployment?.shares ?? [])),
  };
}
