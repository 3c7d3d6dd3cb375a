import { endProcessesOf } from '../../adapters/process/end-processes.ts';
import type { ServiceState } from '../../adapters/state/service-state.ts';
import { type JournalEntry, recoveryFor } from '../../core/deploy/journal.ts';
import { describedImages, historyOf, type Release } from '../../core/deploy/release.ts';
import { LaunchError } from '../../core/errors.ts';
import type { Deployment } from './deployment.ts';
import { beforeOf, type Driver } from './driver.ts';
import { driverFor } from './driver-for.ts';
import { finishRemoval } from './finish-removal.ts';
import { settleFreeze } from './freeze.ts';
import { type PutBackOutcome, putBack, verifyRestored } from './put-back.ts';

/** What became of a deployment that was interrupted. */
export type Recovered =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'dropped' | 'finished' | 'removed' | 'not-removed'; readonly release: string }
  | { readonly kind: 'undone'; readonly release: string; readonly outcome: PutBackOutcome };

/**
 * Brings an interrupted deployment to an end before a new one begins: undoes one that was never known to be
 * healthy, finishes one that was. It can be interrupted itself, and done again.
 *
 * @throws LaunchError ROLLBACK_FAILED when the old release can't be put back and another try may succeed
 */
export async function recover(
  deployment: Deployment,
  state: ServiceState,
  driver: Driver,
): Promise<Recovered> {
  const { reporter } = deployment;
  const recovery = recoveryFor(await state.readJournal());
  const recovered = await (async (): Promise<Recovered> => {
    switch (recovery.kind) {
      case 'none':
        return { kind: 'nothing' };
      case 'discard': {
        const { release } = recovery;
        reporter.info(`The release ${release} was interrupted before it started: it is dropped.`);
        await endProcessesOf(state.releaseFolder(release));
        await state.removeRelease(release);
        return { kind: 'dropped', release };
      }
      case 'put-back': {
        const { release } = recovery.start;
        reporter.warning(
          `The release ${release} was interrupted before it was known to be healthy: it is taken back.`,
        );
        // Compose may be at work still, though nobody waits for it any more.
        await endProcessesOf(state.releaseFolder(release));
        const outcome = await putBack(deployment, state, driver, recovery.start);
        return await undone(deployment, state, driver, recovery.start, outcome);
      }
      case 'finish-undo': {
        reporter.info(
          `The release ${recovery.start.release} was being taken back: that is brought to an end.`,
        );
        await driver.settle(recovery.start.project);
        const outcome = await verifyRestored(deployment, state, driver, recovery.start);
        return await undone(deployment, state, driver, recovery.start, outcome);
      }
      case 'finish':
        reporter.info(`The release ${recovery.start.release} was healthy when it was interrupted: it stays.`);
        await finish(state, driver, recovery.start);
        return { kind: 'finished', release: recovery.start.release };
      case 'remove':
        reporter.info(`${recovery.start.release} was being taken down: that is brought to an end.`);
        return await removed(deployment, state, driver, recovery.start);
    }
  })();
  if (recovered.kind !== 'nothing') await state.clearJournal();
  await state.sweep();
  return recovered;
}

async function removed(
  deployment: Deployment,
  state: ServiceState,
  driver: Driver,
  start: JournalEntry,
): Promise<Recovered> {
  const release = await state.readRelease(start.release);
  if (release === undefined) {
    await state.clearCurrent();
    return { kind: 'removed', release: start.release };
  }
  // What is deployed now may get there in another way.
  const { placement } = deployment;
  const isSame = placement.driver === release.driver;
  const own = isSame
    ? driver
    : await driverFor(
        { ...deployment, placement: { ...placement, driver: release.driver } },
        state.folder,
        state,
      );
  try {
    await endProcessesOf(state.releaseFolder(release.id));
    const taken = await finishRemoval(state, own, release, start);
    if ('reason' in taken) {
      // Only a script fails so, and it is not run again with every deployment.
      deployment.reporter.warning(
        `${release.id} could not be taken down: ${taken.reason}. It is left as it is.`,
      );
      return { kind: 'not-removed', release: release.id };
    }
    return { kind: 'removed', release: release.id };
  } finally {
    if (!isSame) own.close();
  }
}

/** An earlier run that was killed may have had a guardian, which nobody has heard since. */
export async function tellOfGuardian({ reporter }: Deployment, state: ServiceState): Promise<void> {
  const lines = await state.takeGuardianLog();
  if (lines.length === 0) return;
  await reporter.group('An earlier deployment was cut off; what its guardian did', async () => {
    for (const line of lines) {
      const [, warning] = / warning: (.*)$/.exec(line) ?? [];
      if (warning === undefined) reporter.info(line);
      else reporter.warning(warning);
    }
  });
}

async function undone(
  deployment: Deployment,
  state: ServiceState,
  driver: Driver,
  start: JournalEntry,
  outcome: PutBackOutcome,
): Promise<Recovered> {
  if (outcome.again) {
    throw new LaunchError(
      'ROLLBACK_FAILED',
      `${start.release} could not be taken back: ${outcome.notPutBack ?? 'unknown'}.`,
      {
        remedy:
          'The service may be down. Mend what it names, then deploy again: the next run tries once more.',
      },
    );
  }
  await driver.settle(start.project);
  const release = await state.readRelease(start.release);
  if (release !== undefined) {
    if (release.status === 'prepared') await state.writeRelease({ ...release, status: outcome.status });
    const isKnown = (await state.readHistory()).some((line) => line.release === release.id);
    if (!isKnown) {
      await state.appendHistory({ ...historyOf(release, outcome.status, 0), reason: 'interrupted' });
    }
  }
  // The old release is back and still not healthy: what comes next may well be what mends it.
  if (outcome.notPutBack !== undefined) deployment.reporter.warning(outcome.notPutBack);
  else if (outcome.status === 'rolled-back') {
    deployment.reporter.info(`${start.previous ?? 'What ran before'} serves again.`);
  }
  return { kind: 'undone', release: start.release, outcome };
}

/** Records a release that is known to serve. Done again after an interruption, it comes to the same. */
export async function finish(state: ServiceState, driver: Driver, start: JournalEntry): Promise<void> {
  const release = await state.readRelease(start.release);
  if (release === undefined) {
    throw new LaunchError('DEPLOY_FAILED', `The record of the release ${start.release} is gone.`, {
      remedy: `Look at ${state.folder} on the host; when the service is right, remove its file "journal".`,
    });
  }
  for (const link of release.takenOver?.data ?? []) await state.linkData(link);
  await driver.retire(beforeOf(start));
  const { made: _made, kept: _kept, ...details } = await driver.describe(beforeOf(start));
  const images = describedImages(release.images, details.images);
  const finished: Release = { ...release, ...details, images, status: 'deployed' };
  await driver.keepImages(finished);
  await state.writeRelease(finished);
  await settleFreeze(state, finished);
  await state.setCurrent(release.id);
  await driver.settle(start.project);
  const known = await state.readHistory();
  if (known.some((line) => line.release === release.id)) return;
  await state.appendHistory(historyOf(release, 'deployed', release.durationMs ?? 0));
}
