import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServiceState } from '../adapters/state/service-state.ts';
import { runCancelled } from '../core/cancelled.ts';
import { leftOver } from '../core/deploy/choose-release.ts';
import { describeFreeze } from '../core/deploy/freeze.ts';
import type { RemovalNote } from '../core/deploy/journal.ts';
import type { Release } from '../core/deploy/release.ts';
import { nothingRemoved, type RemovalResult } from '../core/deploy/removal-result.ts';
import { layout } from '../core/deploy/state-layout.ts';
import type { LiveCandidate } from '../core/deploy/supersession.ts';
import { LaunchError } from '../core/errors.ts';
import { charge, type Deployment, interruption } from './deploy/deployment.ts';
import type { Driver } from './deploy/driver.ts';
import { driverFor } from './deploy/driver-for.ts';
import { finishRemoval } from './deploy/finish-removal.ts';
import { planRollback } from './deploy/plan-rollback.ts';
import { recordedDeployment } from './deploy/recorded-deployment.ts';
import { recover, tellOfGuardian } from './deploy/recover.ts';
import type { DeployRequest, RecordedServiceRequest } from './deploy/request.ts';
import { newestLive } from './deploy/superseded.ts';
import { withServiceLock } from './deploy/with-service-lock.ts';
import { type FoundState, findServiceState } from './find-service-state.ts';
import { assertNotNewer, type RemovingCommit } from './removing-commit.ts';
import type { Reporter } from './reporter.ts';

export interface RemoveRequest extends RecordedServiceRequest, Pick<DeployRequest, 'beforeEffect'> {
  /** Undefined: a person asks, who need not be asked back. */
  readonly commit?: RemovingCommit | undefined;
}

/**
 * Takes a service down on this host: its route, its containers and its networks. Everything that holds data stays, as
 * does its history: deployed again, or rolled back to, it is as it was. lock → recover → journal → down → record → unlock.
 *
 * @throws LaunchError SERVICE_NOT_FOUND (nothing of it was deployed here), SUPERSEDED (what serves is newer than the
 *   commit that took the service out), FROZEN, LOCK_HELD, CONFIG_INVALID (its project is somebody else's),
 *   ENGINE_UNAVAILABLE, SECRET_MISSING, DEPLOY_FAILED, CANCELLED
 */
export async function removeService(request: RemoveRequest, reporter: Reporter): Promise<RemovalResult> {
  const started = performance.now();
  const found = await findServiceState({ ...request, evenUnreleased: true });
  const locked = { ...found, request, charge: charge(request.beforeEffect), reporter };
  return await withServiceLock(locked, async (state) => {
    const known = await releaseToRemove(state);
    const common = { service: request.service, target: found.owner.target };
    const took = () => ({ durationMs: Math.round(performance.now() - started) });
    if (known === undefined) return { ...nothingRemoved, ...common, ...took() };
    const deployment = await deploymentOf(found, state, known, { request, charge: locked.charge }, reporter);
    const driver = await driverFor(deployment, state.folder, state);
    try {
      return { ...(await removeLocked(deployment, state, driver, request)), ...common, ...took() };
    } finally {
      driver.close();
    }
  });
}

type Removed = Omit<RemovalResult, 'service' | 'target' | 'durationMs'>;

async function removeLocked(
  deployment: Deployment,
  state: ServiceState,
  driver: Driver,
  request: RemoveRequest,
): Promise<Removed> {
  await driver.assertReady();
  await tellOfGuardian(deployment, state);
  const recovered = await recover(deployment, state, driver);
  const release = await releaseToRemove(state);
  if (release === undefined) {
    return recovered.kind === 'removed'
      ? { ...nothingRemoved, ...(await gone(state, recovered.release)) }
      : nothingRemoved;
  }
  await assertNotFrozen(deployment, state);
  if (request.commit !== undefined) {
    const { service, target } = deployment.owner;
    const byHand = `launch remove ${service} --target ${target}`;
    for (const live of await deployedLast(state, release)) {
      await assertNotNewer(request.commit, live, { service, byHand });
    }
  }
  const why = await driver.mayTakeDown(release);
  const facts = { release: release.id, commit: release.commit };
  if (why !== undefined) {
    deployment.reporter.warning(`"${request.service}" is not taken down. ${why}`);
    return { ...nothingRemoved, ...facts, status: 'left', why };
  }
  if (request.signal?.aborted === true) throw runCancelled();
  const note = { at: new Date().toISOString(), removal: noteOf(request) };
  await state.appendJournal({ step: 'remove', release: release.id, ...note });
  const taken = await deployment.reporter.group(
    `Take ${release.id} down`,
    async () => await finishRemoval(state, driver, release, note),
  );
  await state.clearJournal();
  if ('reason' in taken) throw notTaken(release, taken.reason);
  for (const line of taken.notices) deployment.reporter.info(line);
  return { ...nothingRemoved, ...facts, status: 'removed', ...taken, data: await dataOf(state) };
}

/** What serves; where nothing does, what a failed deployment was told to leave. */
async function releaseToRemove(state: ServiceState): Promise<Release | undefined> {
  const current = await state.readCurrent();
  if (current !== undefined) return current;
  const unfinished = (await state.readJournal()).at(-1)?.release;
  const left = unfinished ?? leftOver(await state.readHistory(), undefined);
  return left === undefined ? undefined : await state.readRelease(left);
}

/** What serves; where a rollback brought it, also what that took away: it is the newer one of the two. */
async function deployedLast(state: ServiceState, release: Release): Promise<LiveCandidate[]> {
  const live = { ...(await newestLive(state, release)), at: release.at };
  const { restores, previous } = release;
  const isBack = restores !== undefined && previous !== undefined;
  const taken = isBack ? await state.readRelease(previous) : undefined;
  return taken === undefined ? [live] : [live, ...(await deployedLast(state, taken))];
}

/** A script is given what deploy.sh was given; containers go without any of it. */
async function deploymentOf(
  place: FoundState,
  state: ServiceState,
  release: Release,
  { request, charge }: { readonly request: RemoveRequest; readonly charge: Deployment['charge'] },
  reporter: Reporter,
): Promise<Deployment> {
  const heard = interruption(request.signal);
  if (release.driver !== 'script') {
    const { hostEnv } = request;
    return { ...recordedDeployment(release, place, { hostEnv, reporter }), charge, interruption: heard };
  }
  const asked: DeployRequest = {
    ...request,
    cwd: '',
    env: new Map(),
    keepReleases: Number.MAX_SAFE_INTEGER,
    rollbackOnFailure: true,
    force: false,
    dryRun: false,
  };
  return await planRollback({ ...place, request: asked }, state, release, reporter, {
    charge,
    interruption: heard,
  });
}

/** Of a freeze that refuses even what touches the service, only a person knows why. */
async function assertNotFrozen({ owner }: Deployment, state: ServiceState): Promise<void> {
  const freeze = await state.readFreeze();
  if (freeze?.strict !== true) return;
  throw new LaunchError('FROZEN', `"${owner.service}" on "${owner.target}" is ${describeFreeze(freeze)}.`, {
    remedy: `Nothing has been changed. Run \`launch unfreeze ${owner.service}\` on the host first.`,
  });
}

function noteOf({ by, runUrl, trigger, commit }: RemoveRequest): RemovalNote {
  return {
    reason:
      commit === undefined
        ? 'taken down by hand'
        : `no longer in the repository at ${commit.id.slice(0, 12)}`,
    ...(by === undefined ? {} : { by }),
    ...(runUrl === undefined ? {} : { run: runUrl }),
    ...(trigger === undefined ? {} : { trigger: { event: trigger.event } }),
    ...(commit === undefined ? {} : { commit: commit.id }),
    ...(commit?.order === undefined ? {} : { order: commit.order }),
  };
}

async function gone(state: ServiceState, id: string): Promise<Partial<Removed>> {
  const release = await state.readRelease(id);
  return { status: 'removed', release: id, commit: release?.commit, data: await dataOf(state) };
}

async function dataOf({ folder }: ServiceState): Promise<string | undefined> {
  const path = join(folder, layout.data);
  return (await stat(path).catch(() => undefined))?.isDirectory() === true ? path : undefined;
}

function notTaken({ id, service, target }: Release, reason: string): LaunchError {
  return new LaunchError(
    'DEPLOY_FAILED',
    `${id} of "${service}" on "${target}" could not be taken down: ${reason}.`,
    {
      remedy: `Some of it may run still. Mend what it names; the next push tries again, or run \`launch remove ${service}\` on the host.`,
    },
  );
}
