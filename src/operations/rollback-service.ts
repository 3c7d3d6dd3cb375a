import type { ServiceState } from '../adapters/state/service-state.ts';
import { chooseRelease, type KnownReleases } from '../core/deploy/choose-release.ts';
import type { Release } from '../core/deploy/release.ts';
import type { DeployResult } from '../core/deploy/result.ts';
import type { Deployment } from './deploy/deployment.ts';
import { driverFor } from './deploy/driver-for.ts';
import { planRollback, type RollbackPlace } from './deploy/plan-rollback.ts';
import { recover } from './deploy/recover.ts';
import type { DeployRequest } from './deploy/request.ts';
import { withServiceLock } from './deploy/with-service-lock.ts';
import { deployLocked } from './deploy-service.ts';
import { findServiceState } from './find-service-state.ts';
import type { Reporter } from './reporter.ts';

export interface RollbackRequest
  extends Pick<
    DeployRequest,
    | 'service'
    | 'target'
    | 'secrets'
    | 'timeoutMs'
    | 'stateDir'
    | 'by'
    | 'runUrl'
    | 'hostEnv'
    | 'steadyMs'
    | 'signal'
  > {
  /** owner/name */
  readonly repository: string;
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
  const place = { ...found, request: asDeployRequest(request), reporter };
  return await withServiceLock(place, async (state) => {
    const recovered = await recoverFirst(place, state, reporter);
    const known = await knownReleases(state);
    if (recovered === 'put-back' && request.to === undefined) {
      const current = known.releases.find((it) => it.id === known.current);
      if (current !== undefined) return alreadyBack(current, started);
    }
    const release = chooseRelease(known, request.to);
    if (release.status !== 'deployed') {
      reporter.warning(`${release.id} was never healthy; it comes back because it was named.`);
    }
    reporter.info(`Going back from ${known.current ?? 'nothing'} to ${release.id}.`);
    const deployment = await planRollback(place, state, release, reporter);
    return await withDriver(
      deployment,
      state,
      async (driver) => await deployLocked(deployment, state, driver, started),
    );
  });
}

/** Also what a killed run has left: taking that back may be all that was wanted. */
async function recoverFirst(place: RollbackPlace, state: ServiceState, reporter: Reporter) {
  if ((await state.readJournal()).length === 0) return 'none';
  const known = await knownReleases(state);
  const release = known.releases.find((it) => it.id === known.current) ?? known.releases.at(-1);
  if (release === undefined) return 'none';
  const deployment = await planRollback(place, state, { ...release, secretNames: [] }, reporter);
  return await withDriver(deployment, state, async (driver) => {
    await driver.assertReady();
    return await recover(deployment, state, driver);
  });
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
    last: history.at(-1),
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
