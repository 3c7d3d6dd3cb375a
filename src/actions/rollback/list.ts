import { releaseListSummary } from '../../core/deploy/release-list.ts';
import { findServiceState } from '../../operations/find-service-state.ts';
import { nameRepository } from '../../operations/name-repository.ts';
import { readHistory } from '../../operations/read-history.ts';
import { jobLog } from '../../runner/reporter.ts';
import { runContext } from '../../runner/run.ts';
import { writeSummary } from '../../runner/summary.ts';
import type { RollbackInputs } from './inputs.ts';

/** Shows which releases this host has of the service; gives back the one that serves. */
export async function listReleases(given: RollbackInputs): Promise<string | undefined> {
  const { repository = await nameRepository(process.cwd()) } = runContext();
  const question = { ...given, repository, hostEnv: process.env };
  const { owner } = await findServiceState(question);
  const history = await readHistory({ ...question, target: owner.target });
  for (const { release, status } of history.deployments.slice(0, 20)) {
    const mark =
      release === history.current ? ' (serves)' : history.restorable.includes(release) ? ' (kept)' : '';
    jobLog.info(`${release} ${status}${mark}`);
  }
  await writeSummary(
    releaseListSummary({ ...history, service: owner.service, target: owner.target }, new Date()),
  );
  return history.current;
}
