import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceState } from '../../adapters/state/service-state.ts';
import type { ContainerBefore, JournalEntry } from '../../core/deploy/journal.ts';
import type { Failure } from '../../core/deploy/result.ts';
import { layout } from '../../core/deploy/state-layout.ts';
import { LaunchError } from '../../core/errors.ts';
import type { Deployment } from './deployment.ts';
import { beforeOf, type Driver, type PutBack, type Started, type Verifiable } from './driver.ts';

export interface PutBackOutcome {
  readonly status: 'rolled-back' | 'failed';
  /** Why the old release does not serve again; undefined where it does, or where there was none. */
  readonly notPutBack: string | undefined;
  /** Whether another try may succeed: what is needed for it is still there. */
  readonly again: boolean;
}

/** How often it is tried, a second apart: the engine may still be at what a killed compose had asked for. */
const tries = 5;

/**
 * Puts the release before back, and says whether it serves again: that is known only once its checks pass. What
 * `keep` has kept goes as soon as the journal knows the containers by their new ids.
 */
export async function putBack(
  deployment: Deployment,
  state: ServiceState,
  driver: Driver,
  start: Started,
): Promise<PutBackOutcome> {
  try {
    const done = await persist(() => driver.putBack(start));
    const restored = await noteRestored(state, driver, start);
    await driver.settle(start.project);
    if (done === 'nothing') return { status: 'failed', notPutBack: undefined, again: false };
    if (done !== 'done') return { status: 'failed', notPutBack: done.reason, again: false };
    return await verifyRestored(deployment, state, driver, restored);
  } catch (error) {
    const why = error instanceof LaunchError ? error.summary : String(error);
    return { status: 'failed', notPutBack: deployment.redact(why.replace(/\.$/, '')), again: true };
  }
}

/** What follows once the containers are back. Done again after an interruption, it comes to the same. */
export async function verifyRestored(
  deployment: Deployment,
  state: ServiceState,
  driver: Driver,
  restored: JournalEntry,
): Promise<PutBackOutcome> {
  const wanted = (restored.before ?? []).filter((it) => it.running);
  if (restored.project !== undefined && wanted.length === 0) {
    return { status: 'failed', notPutBack: undefined, again: false };
  }
  let failure = await verifyOld(driver, state, restored);
  if (failure !== undefined && restored.project !== undefined) {
    // A stop that compose had asked for before it was killed may have come after our start.
    deployment.reporter.info(`Once more, because: ${failure.reason}.`);
    await persist(() => driver.putBack(restored));
    failure = await verifyOld(driver, state, restored);
  }
  if (restored.project !== undefined) await driver.clear(beforeOf(restored));
  // Requests come to what had to be made anew only now. What is not healthy after all is better than nothing.
  await driver.switchOver(await oldRelease(state, restored), beforeOf(restored));
  if (failure !== undefined) return { status: 'failed', notPutBack: failure.reason, again: false };
  await noteContainers(driver, state, restored);
  return { status: 'rolled-back', notPutBack: undefined, again: false };
}

async function persist(attempt: () => Promise<PutBack>): Promise<PutBack> {
  for (let left = tries; ; left -= 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof LaunchError) || left <= 1) throw error;
      await sleep(1000);
    }
  }
}

/** Containers that were made anew have new ids; from here on the journal goes by those. */
async function noteRestored(state: ServiceState, driver: Driver, start: Started): Promise<JournalEntry> {
  const { release, previous, project, before = [], networks, switching, tags } = start;
  const place = project === undefined ? {} : { project };
  const { containers } = await driver.describe({ before, ...place });
  const ran = new Map(before.map((it) => [it.name, it.running]));
  const now = containers.flatMap((it): ContainerBefore[] => {
    const running = ran.get(it.name);
    // One that has come up since is none of the old release's.
    return running === undefined ? [] : [{ ...it, running }];
  });
  const entry: JournalEntry = {
    step: 'restored',
    at: new Date().toISOString(),
    release,
    ...place,
    before: now,
    ...(previous === undefined ? {} : { previous }),
    ...(networks === undefined ? {} : { networks }),
    ...(switching === undefined ? {} : { switching }),
    // Should the old release have to be put back once more.
    ...(tags === undefined ? {} : { tags }),
  };
  await state.appendJournal(entry);
  return entry;
}

/** The next run knows the old release by its containers. */
async function noteContainers(driver: Driver, state: ServiceState, restored: JournalEntry): Promise<void> {
  const { previous, project, before = [] } = restored;
  const release = previous === undefined ? undefined : await state.readRelease(previous);
  if (release === undefined || project === undefined) return;
  const { containers } = await driver.describe({ before, project });
  // What ran when it was accepted is meant to run, whatever it does at this moment.
  const ran = new Map(release.containers.map((it) => [it.name, it.running]));
  const kept = containers.map((it) => ({ ...it, running: ran.get(it.name) ?? it.running }));
  await state.writeRelease({ ...release, containers: kept });
}

async function verifyOld(driver: Driver, state: ServiceState, start: Started): Promise<Failure | undefined> {
  const containers = new Set((start.before ?? []).map(({ id }) => id));
  return await driver.verify({ ...(await oldRelease(state, start)), containers }, beforeOf(start));
}

async function oldRelease(state: ServiceState, { previous }: Started): Promise<Verifiable> {
  const release = previous === undefined ? undefined : await state.readRelease(previous);
  const snapshot = release === undefined ? undefined : join(state.releaseFolder(release.id), layout.snapshot);
  return { id: previous ?? '', snapshot, folder: release?.folder ?? '', port: release?.port };
}
