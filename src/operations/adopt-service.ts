import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EngineApi, openEngine } from '../adapters/engine/api.ts';
import { containersOf } from '../adapters/engine/containers.ts';
import { findEndpoint } from '../adapters/engine/endpoint.ts';
import { imagesOf } from '../adapters/engine/images.ts';
import { takeSnapshot } from '../adapters/snapshot/take-snapshot.ts';
import { openServiceState, type ServiceState } from '../adapters/state/service-state.ts';
import { hostKey } from '../adapters/state/state-root.ts';
import { counted } from '../core/counted.ts';
import type { FoundContainer } from '../core/deploy/found-container.ts';
import type { ContainerBefore } from '../core/deploy/journal.ts';
import type { MountPlan } from '../core/deploy/mount-plan.ts';
import { type DataLink, type Release, releaseId } from '../core/deploy/release.ts';
import { layout } from '../core/deploy/state-layout.ts';
import { LaunchError } from '../core/errors.ts';
import { sealOf } from '../core/secrets/seal.ts';
import { type Examined, examineProject, type Host } from './adopt/examine-project.ts';
import { layOutMounts } from './deploy/compose/lay-out.ts';
import type { Deployment } from './deploy/deployment.ts';
import type { Draft, Driver } from './deploy/driver.ts';
import { driverFor } from './deploy/driver-for.ts';
import { freeReserve, makeRelease } from './deploy/make-release.ts';
import { planDeployment } from './deploy/plan-deployment.ts';
import { finish, recover, tellOfGuardian } from './deploy/recover.ts';
import type { DeployRequest } from './deploy/request.ts';
import { watchedEngine } from './deploy/watched.ts';
import { withServiceLock } from './deploy/with-service-lock.ts';
import { listUncommitted } from './list-uncommitted.ts';
import type { Reporter } from './reporter.ts';

export interface AdoptRequest
  extends Pick<
    DeployRequest,
    | 'cwd'
    | 'service'
    | 'target'
    | 'secrets'
    | 'env'
    | 'timeoutMs'
    | 'stateDir'
    | 'repository'
    | 'by'
    | 'hostEnv'
    | 'steadyMs'
    | 'signal'
    | 'beforeEffect'
  > {
  /** Compares, and takes nothing over. */
  readonly dryRun: boolean;
}

export interface Adoption {
  readonly status: 'adopted' | 'rehearsed';
  readonly service: string;
  readonly target: string;
  /** The compose project. */
  readonly project: string;
  readonly commit: string;
  /** Undefined in a rehearsal. */
  readonly release: string | undefined;
  /** Names of the containers, which run on as they are. */
  readonly containers: readonly string[];
  /** In what way they are not what the commit says; the next deployment sees to that. */
  readonly differs: readonly string[];
  /** Compose services that the next deployment leaves as they are. */
  readonly unchanged: readonly string[];
  /** Data that stays where it is, and the place below the state folder that stands for it. */
  readonly data: readonly DataLink[];
}

/**
 * Takes a compose project over that somebody else has started, as a release of the checkout's commit. Its
 * containers, volumes and networks are not touched. What runs is compared with what the commit says first.
 *
 * @throws LaunchError CONFIG_INVALID (nothing runs, it is Launch's already, data would be lost), HEALTH_FAILED,
 *   LOCK_HELD, and what planning a deployment throws; then nothing has been changed
 */
export async function adoptService(request: AdoptRequest, reporter: Reporter): Promise<Adoption> {
  const started = performance.now();
  const asked = { ...request, keepReleases: 1, rollbackOnFailure: true, force: false };
  const deployment = await planDeployment(asked, reporter);
  assertCompose(deployment);
  const uncommitted = (await listUncommitted(deployment)).length;
  if (uncommitted > 0) {
    deployment.reporter.warning(
      `What runs is compared with the commit ${deployment.commit.slice(0, 12)}; ${counted(uncommitted, 'uncommitted change is', 'uncommitted changes are')} not looked at.`,
    );
  }
  const api = watchedEngine(openEngine(await findEndpoint(deployment.env)), deployment.charge);
  try {
    if (request.dryRun) return await rehearseAdoption(deployment, api);
    // Who deploys it at this moment makes the containers that would be taken over.
    const place = { ...deployment, request: { ...deployment.request, timeoutMs: 0 } };
    return await withServiceLock(place, async (state) => {
      const driver = await driverFor(deployment, state.folder, state);
      try {
        return await adoptLocked(deployment, state, driver, api, started);
      } finally {
        driver.close();
      }
    });
  } finally {
    api.close();
  }
}

async function adoptLocked(
  deployment: Deployment,
  state: ServiceState,
  driver: Driver,
  api: EngineApi,
  started: number,
): Promise<Adoption> {
  await driver.assertReady();
  await tellOfGuardian(deployment, state);
  const recovered = await recover(deployment, state, driver);
  const current = await state.readCurrent();
  if (recovered.kind === 'finished' && current?.takenOver !== undefined) return adoptedBefore(current);
  const seal = sealOf(deployment.handedOver, await hostKey(deployment.stateRoot));
  try {
    const { draft, release: first } = await makeRelease(deployment, state, current, seal);
    const host = hostOf(deployment, api, state.folder);
    const examined = await examineProject(deployment, draft, current, host);
    tell(deployment, examined);
    await deployment.charge.beforeEffect('lay out the mounts');
    await layOutMounts(draft, contentOf(examined), state.folder);
    await assertHealthy(deployment, driver, draft, examined);
    await assertSame(examined, host);
    const release = { ...first, ...recordOf(examined), durationMs: Math.round(performance.now() - started) };
    await state.writeRelease(release);
    await freeReserve(draft);
    const entry = {
      step: 'adopted',
      at: new Date().toISOString(),
      release: release.id,
      project: examined.laidOut.name,
      before: examined.containers.map(asBefore),
    } as const;
    await state.appendJournal(entry);
    await finish(state, driver, entry);
    await state.clearJournal();
    return { ...adoptionOf(deployment, examined), status: 'adopted', release: release.id };
  } catch (error) {
    // Once it is noted as taken over, that is what the next run brings to its end.
    const last = (await state.readJournal()).at(-1);
    if (last !== undefined && last.step !== 'adopted') {
      await state.removeRelease(last.release);
      await state.clearJournal();
    }
    throw error;
  }
}

async function rehearseAdoption(deployment: Deployment, api: EngineApi): Promise<Adoption> {
  const { top, commit, folder, inputs } = deployment;
  const stateFolder = join(deployment.stateRoot, deployment.stateFolder);
  const state = openServiceState(stateFolder, false);
  const path = await mkdtemp(join(tmpdir(), 'launch-adoption-'));
  try {
    const destination = join(path, layout.snapshot);
    const entries = await takeSnapshot({ top, commit, folder, inputs, destination });
    const draft = { id: releaseId(new Date(), commit, []), path, entries };
    const host = hostOf(deployment, api, stateFolder);
    const examined = await examineProject(deployment, draft, await state.readCurrent(), host);
    tell(deployment, examined);
    return adoptionOf(deployment, examined);
  } finally {
    await rm(path, { recursive: true, force: true });
  }
}

function hostOf(deployment: Deployment, api: EngineApi, state: string): Host {
  const { env, top: cwd, redact, request } = deployment;
  const compose = { env, cwd, redact, signal: request.signal };
  return { containers: containersOf(api), images: imagesOf(api), compose, state };
}

function tell({ reporter, top }: Deployment, { differs, data }: Examined): void {
  for (const line of differs) reporter.warning(`Differs from the commit: ${line}.`);
  for (const { place, from } of data) {
    reporter.info(`Its data stays in ${from}; ${place} of the service's state is a link to it.`);
    if (from.startsWith(`${top}/`) || from.includes('/_work/')) {
      reporter.warning(
        `${from} is inside of a checkout: what cleans that (git clean, actions/checkout) removes the data. Keep this checkout for nothing else.`,
      );
    }
  }
}

/** Folders for data are made by the deployment that needs them: a link may be all there is to be. */
function contentOf({ laidOut }: Examined): MountPlan {
  return { sources: new Map([...laidOut.mounts.sources].filter(([, it]) => it.kind === 'content')) };
}

async function assertHealthy(
  deployment: Deployment,
  driver: Driver,
  draft: Draft,
  { laidOut, containers }: Examined,
): Promise<void> {
  const release = { id: draft.id, snapshot: join(draft.path, layout.snapshot), folder: deployment.folder };
  const before = { project: laidOut.name, before: containers.map(asBefore) };
  const failure = await driver.verify(release, before);
  if (failure === undefined) return;
  for (const line of failure.lines) deployment.reporter.output(line);
  throw new LaunchError('HEALTH_FAILED', `What runs is not in order: ${failure.reason}.`, {
    remedy: 'Nothing has been changed. A release is what is healthy: mend it, then adopt it.',
  });
}

/** Somebody may have been at it while it was looked at. */
async function assertSame({ laidOut, containers }: Examined, host: Host): Promise<void> {
  const now = await host.containers.list([`com.docker.compose.project=${laidOut.name}`]);
  const ids = new Set(now.map(({ id }) => id));
  if (containers.every(({ id }) => ids.has(id))) return;
  throw new LaunchError(
    'CONFIG_INVALID',
    `The containers of the compose project "${laidOut.name}" were replaced while they were looked at.`,
    { remedy: 'Nothing has been changed. Adopt it when nobody else works on it.' },
  );
}

function recordOf({ laidOut, adopted, data, differs }: Examined): Partial<Release> {
  const keys = [...laidOut.mounts.sources.values()].flatMap((it) => (it.kind === 'content' ? [it.key] : []));
  return {
    project: laidOut.name,
    mounts: [...new Set(keys)],
    takenOver: { differs: [...differs], data: [...data] },
    ...(Object.keys(adopted).length === 0 ? {} : { adopted }),
    ...(laidOut.project.program === 'docker compose' ? {} : { oldCompose: true }),
  };
}

function asBefore({ id, name, running, service }: FoundContainer): ContainerBefore {
  return { id, name, running, service };
}

function adoptionOf({ owner, commit }: Deployment, examined: Examined): Adoption {
  return {
    status: 'rehearsed',
    service: owner.service,
    target: owner.target,
    project: examined.laidOut.name,
    commit,
    release: undefined,
    containers: examined.containers.map(({ name }) => name),
    differs: examined.differs,
    unchanged: Object.keys(examined.adopted).sort(),
    data: examined.data,
  };
}

/** An adoption that had been cut off, and was brought to its end just now. */
function adoptedBefore(release: Release): Adoption {
  const { service, target, project = '', commit, id, containers, adopted = {}, takenOver } = release;
  return {
    status: 'adopted',
    service,
    target,
    project,
    commit,
    release: id,
    containers: containers.map(({ name }) => name),
    differs: takenOver?.differs ?? [],
    unchanged: Object.keys(adopted).sort(),
    data: takenOver?.data ?? [],
  };
}

function assertCompose({ placement, service }: Deployment): void {
  if (placement.driver === 'compose') return;
  throw new LaunchError('CONFIG_INVALID', `"${service.name}" has no compose file.`, {
    remedy: 'Only a compose project can be taken over. Deploy this service with `launch deploy`.',
  });
}
