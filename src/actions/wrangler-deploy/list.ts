import { versionListSummary } from '../../core/cloudflare/version-list.ts';
import type { WorkerAsked } from '../../operations/worker/asked.ts';
import { planWorker } from '../../operations/worker/plan-worker.ts';
import { readWorkerHistory } from '../../operations/worker/worker-history.ts';
import { jobLog } from '../../runner/reporter.ts';
import { writeSummary } from '../../runner/summary.ts';

/** Shows which versions of the worker can be gone back to. */
export async function listVersions(asked: WorkerAsked): Promise<void> {
  const { located, ...planned } = await planWorker(asked);
  const history = await readWorkerHistory({ ...planned, worker: located.name }, jobLog);
  for (const { versionId, percentage } of history.versions.slice(0, 20)) {
    jobLog.info(`${versionId}${percentage === undefined ? '' : ` (${percentage} %)`}`);
  }
  await writeSummary(versionListSummary(history, new Date()));
}
