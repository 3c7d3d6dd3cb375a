import { join } from 'node:path';
import type { ServiceState } from '../../adapters/state/service-state.ts';
import { type JournalEntry, recoveryFor } from '../../core/deploy/journal.ts';
import { historyOf } from '../../core/deploy/release.ts';
import type { Failure } from '../../core/deploy/result.ts';
import { layout } from '../../core/deploy/state-layout.ts';
import { LaunchError } from '../../core/errors.ts';
import type { Deployment } from './deployment.ts';
import type { Driver, Started } from './driver.ts';

/**
 * Brings an interrupted deployment to an end before a new one begins: undoes one that was never known to be
 * healthy, finishes one that was.
 */
export async function recover(deployment: Deployment, state: ServiceState, driver: Driver): Promise<void> {
  const recovery = recoveryFor(await state.readJournal());
  switch (recovery.kind) {
    case 'none':
      break;
    case 'discard':
      deployment.reporter.info(
        `The release ${recovery.release} was interrupted before it started: it is dropped.`,
      );
      await state.removeRelease(recovery.release);
      break;
    case 'put-back':
      deployment.reporter.warning(
        `The release ${recovery.start.release} was interrupted before it was known to be healthy: it is taken back.`,
      );
      await undo(deployment, state, driver, recovery.start);
      break;
    case 'finish':
      deployment.reporter.info(
        `The release ${recovery.start.release} was healthy when it was interrupted: it stays.`,
      );
      await finish(state, driver, recovery.start);
      break;
  }
  await state.clearJournal();
}

async function undo(
  deployment: Deployment,
  state: ServiceState,
  driver: Driver,
  start: JournalEntry,
): Promise<void> {
  const outcome = await putBack(deployment, state, driver, start);
  const release = await state.readRelease(start.release);
  if (release?.status === 'prepared') {
    await state.writeRelease({ ...release, status: outcome.status });
    await state.appendHistory({ ...historyOf(release, outcome.status, 0), reason: 'interrupted' });
  }
  if (outcome.notPutBack === undefined) return;
  if (outcome.again) {
    throw new LaunchError(
      'ROLLBACK_FAILED',
      `${start.release} could not be taken back: ${outcome.notPutBack}.`,
      {
        remedy:
          'The service may be down. Mend what it names, then deploy again: the next run tries once more.',
      },
    );
  }
  // The old release is back and still not healthy: what comes next may well be what mends it.
  deployment.reporter.warning(outcome.notPutBack);
}

async function finish(state: ServiceState, driver: Driver, start: JournalEntry): Promise<void> {
  const release = await state.readRelease(start.release);
  if (release === undefined) {
    throw new LaunchError('DEPLOY_FAILED', `The record of the release ${start.release} is gone.`, {
      remedy: `Look at ${state.folder} on the host; when the service is right, remove its file "journal".`,
    });
  }
  const { before = [], project, switching } = start;
  await driver.retire({
    before,
    ...(project === undefined ? {} : { project }),
    ...(switching === undefined ? {} : { switching }),
  });
  const {
    made: _made,
    kept: _kept,
    ...details
  } = await driver.describe({
    before,
    ...(project === undefined ? {} : { project }),
  });
  await state.writeRelease({ ...release, ...details, status: 'deployed' });
  await state.setCurrent(release.id);
  await driver.settle(project);
  const known = await state.readHistory();
  if (known.some((line) => line.release === release.id)) return;
  await state.appendHistory(historyOf(release, 'deployed', release.durationMs ?? 0));
}

export interface PutBackOutcome {
  readonly status: 'rolled-back' | 'failed';
  /** Why the old release does not serve again; undefined where it does, or where there was none. */
  readonly notPutBack: string | undefined;
  /** Whether another try may succeed: what is needed for it is still there. */
  readonly again: boolean;
}

/** Puts the release before back, and says whether it serves again: that is known only once its checks pass. */
export async function putBack(
  deployment: Deployment,
  state: ServiceState,
  driver: Driver,
  start: Started,
): Promise<PutBackOutcome> {
  try {
    const done = await driver.putBack(start);
    if (done === 'nothing') return { status: 'failed', notPutBack: undefined, again: false };
    const failure = done === 'done' ? await verifyOld(driver, state, start) : done;
    if (failure === undefined) await noteContainers(driver, state, start);
    return failure === undefined
      ? { status: 'rolled-back', notPutBack: undefined, again: false }
      : { status: 'failed', notPutBack: failure.reason, again: false };
  } catch (error) {
    const why = error instanceof LaunchError ? error.summary : String(error);
    return { status: 'failed', notPutBack: deployment.redact(why.replace(/\.$/, '')), again: true };
  }
}

/** Containers that were made anew have new ids, by which the next run knows them. */
async function noteContainers(
  driver: Driver,
  state: ServiceState,
  { previous, project, before = [] }: Pick<JournalEntry, 'project' | 'before' | 'previous'>,
): Promise<void> {
  const release = previous === undefined ? undefined : await state.readRelease(previous);
  if (release === undefined || project === undefined) return;
  const { containers } = await driver.describe({ before, project });
  await state.writeRelease({ ...release, containers });
}

async function verifyOld(driver: Driver, state: ServiceState, start: Started): Promise<Failure | undefined> {
  const { previous, project, before = [], switching } = start;
  const release = previous === undefined ? undefined : await state.readRelease(previous);
  const snapshot = release === undefined ? undefined : join(state.releaseFolder(release.id), layout.snapshot);
  return await driver.verify(
    { id: previous ?? '', snapshot, folder: release?.folder ?? '' },
    {
      before,
      ...(project === undefined ? {} : { project }),
      ...(switching === undefined ? {} : { switching }),
    },
  );
}
