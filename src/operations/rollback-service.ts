import { join } from 'node:path';
import { openServiceState, type ServiceState } from '../adapters/state/service-state.ts';
import { chooseRelease, type KnownReleases, leftOver } from '../core/deploy/choose-release.ts';
import type { Release } from '../core/deploy/release.ts';
import type { DeployResult } from '../core/deploy/result.ts';
import type { Deployment } from './deploy/deployment.ts';
import { driverFor } from './deploy/driver-for.ts';
import { planRollback, type RollbackPlace } from './deploy/plan-rollback.ts';
import { type Recovered, recover } from './deploy/recover.ts';
import type { DeployRequest, RecordedServiceRequest } from './deploy/request.ts';
import { withServiceLock } from './deploy/with-service-lock.ts';
import { deployLocked } from './deploy-service.ts';
import { findServiceState } from './find-service-state.ts';
import type { Reporter } from './reporter.ts';

export interface RollbackRequest
  extends RecordedServiceRequest,
    Pick<DeployRequest, 'steadyMs' | 'onRelease'> {
  /** The release to go back to; by default the one before, in the line of what serves. */
  readonly to?: string | undefined;
}

/** Old releases go with the next deployment, which knows how many are to be kept. */
const keepAll = Number.MAX_SAFE_INTEGER;

/**
 * Brings a release of before back: its compose files, images, files and variables, with today's values of the
 * secrets it had. It is a deployment like any other, but for where its content comes from: the same lock,
 * journal, checks and way back. Afterwards the service is frozen.
 *
 * @throws LaunchError SERVICE_NOT_FOUND, CONFIG_INVALID (no such release), SECRET_MISSING, and what
 *   `deployService` throws
 */
export async function rollbackService(request: RollbackRequest, reporter: Reporter): Promise<DeployResult> {
  const started = performance.now();
  const found = await findServiceState(request);
  const place = { ...found, request: asDeployRequest(request) };
  const { planned, underWay } = await planAhead(place, request.to, reporter);
  return await withServiceLock(planned, async (state, guarded) => {
    const recovered = await recoverFirst(planned, state);
    const known = await knownReleases(state);
    const current = known.releases.find((it) => it.id === known.current);
    const isBack = isTakenBack(recovered) || isLastTakenBack(known, underWay);
    if (isBack && request.to === undefined && current !== undefined) return alreadyBack(current, started);
    const release = chooseRelease(known, request.to);
    if (release.status !== 'deployed') {
      reporter.warning(`${release.id} was never healthy; it comes back because it was named.`);
    }
    reporter.info(
      release.id === known.current
        ? `Putting ${release.id} back.`
        : `Going back from ${known.current ?? 'nothing'} to ${release.id}.`,
    );
    const deployment = await planRollback(overLeft(place, known), state, release, reporter, planned);
    const notices = [...deployment.notices, ...furtherBack(known, request.to, release)];
    for (const notice of notices) deployment.reporter.info(notice);
    return await withDriver(deployment, state, async (driver) => {
      const result = await deployLocked(deployment, state, driver, guarded, started);
      return { ...result, notices: [...notices, ...nothingDiffered(result, release, deployment.reporter)] };
    });
  });
}

/** It is a release all the same: rolling back once more is to go further back. */
function nothingDiffered(
  { status, made, kept }: DeployResult,
  { id }: Release,
  reporter: Reporter,
): readonly string[] {
  if (status !== 'deployed' || made.length > 0 || kept.length === 0) return [];
  const notice = `No container had to be made anew: what runs did not differ from ${id}.`;
  reporter.info(notice);
  return [notice];
}

/** What failed and was left is over with this rollback, though it may have left the containers as they were. */
function overLeft(place: RollbackPlace, { left }: KnownReleases): RollbackPlace {
  return left === undefined ? place : { ...place, request: { ...place.request, force: true } };
}

/** Who does not know that the newest release was undone already may have wanted no more than that. */
function furtherBack(known: KnownReleases, to: string | undefined, chosen: Release): string[] {
  const { last, current } = known;
  if (to !== undefined || current === undefined || !isLastTakenBack(known, last?.release)) return [];
  return [
    `${last?.release} had been taken back by itself before this, so ${current} served; this goes one further back, to ${chosen.id}. \`--to ${current}\` brings that one back.`,
  ];
}

/** Whether this release is the one deployed last, and was undone: by its own run, its guardian or the next run. */
function isLastTakenBack({ last }: KnownReleases, release: string | undefined): boolean {
  return last !== undefined && last.release === release && last.status === 'rolled-back';
}

/**
 * What can be told before the lock is held: that there is no such release, or that a secret is missing. While
 * another run is at work, or was cut off, what there is to go back to is not known yet; `underWay` is its release.
 */
async function planAhead(
  place: RollbackPlace & { readonly stateFolder: string },
  to: string | undefined,
  reporter: Reporter,
): Promise<{ readonly planned: Deployment; readonly underWay: string | undefined }> {
  const state = openServiceState(join(place.stateRoot, place.stateFolder), false);
  const known = await knownReleases(state);
  const underWay = (await state.readJournal()).at(-1)?.release;
  const newest = known.releases.find((it) => it.id === known.current) ?? known.releases.at(-1);
  const release =
    underWay === undefined || newest === undefined
      ? chooseRelease(known, to)
      : { ...newest, secretNames: [] };
  return { planned: await planRollback(place, state, release, reporter), underWay };
}

/** What a killed run has left: taking that back may be all that was wanted. */
async function recoverFirst(deployment: Deployment, state: ServiceState): Promise<Recovered> {
  if ((await state.readJournal()).length === 0) return { kind: 'nothing' };
  return await withDriver(deployment, state, async (driver) => {
    await driver.assertReady();
    return await recover(deployment, state, driver);
  });
}

function isTakenBack(recovered: Recovered): boolean {
  return recovered.kind === 'undone' && recovered.outcome.status === 'rolled-back';
}

async function withDriver<T>(
  deployment: Deployment,
  state: ServiceState,
  body: (driver: Awaited<ReturnType<typeof driverFor>>) => Promise<T>,
): Promise<T> {
  const driver = await driverFor(deployment, state.folder, state);
  try {
    return await body(driver);
  } finally {
    driver.close();
  }
}

async function knownReleases(state: ServiceState): Promise<KnownReleases> {
  const ids = await state.listReleases();
  const releases = await Promise.all(ids.map(async (id) => await state.readRelease(id)));
  const [current, history] = await Promise.all([state.readCurrent(), state.readHistory()]);
  return {
    releases: releases.filter((it) => it !== undefined),
    current: current?.id,
    last: history.findLast((line) => line.status !== 'unlocked'),
    left: leftOver(history, current?.id),
  };
}

function asDeployRequest(request: RollbackRequest): DeployRequest {
  return {
    ...request,
    cwd: '',
    env: new Map(),
    keepReleases: keepAll,
    rollbackOnFailure: true,
    force: false,
    dryRun: false,
  };
}

function alreadyBack(current: Release, started: number): DeployResult {
  return {
    status: 'unchanged',
    service: current.service,
    target: current.target,
    release: current.id,
    previousRelease: current.previous,
    commit: current.commit,
    fingerprint: current.fingerprint,
    url: current.url,
    durationMs: Math.round(performance.now() - started),
    made: [],
    kept: [],
    failure: undefined,
    notPutBack: undefined,
    plan: undefined,
    notices: [
      `A deployment that had been interrupted was taken back, and ${current.id} serves. Roll back once more to go further back.`,
    ],
  };
}
