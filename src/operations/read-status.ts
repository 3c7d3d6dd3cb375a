import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { readEdgeSettings } from '../adapters/edge/edge-file.ts';
import { type EngineApi, openEngine } from '../adapters/engine/api.ts';
import { type Containers, containersOf, type InspectedContainer } from '../adapters/engine/containers.ts';
import { findEndpoint } from '../adapters/engine/endpoint.ts';
import { serviceFolders } from '../adapters/state/service-folders.ts';
import { openServiceState, type ServiceState } from '../adapters/state/service-state.ts';
import { hostPart } from '../core/deploy/child-env.ts';
import { driftOf } from '../core/deploy/drift.ts';
import { isLedTo, type ServedRoute, trimmed } from '../core/deploy/edge.ts';
import type { Freeze } from '../core/deploy/freeze.ts';
import { describeRemoval, lastRemoval, type Release } from '../core/deploy/release.ts';
import { layout } from '../core/deploy/state-layout.ts';
import { LaunchError } from '../core/errors.ts';
import { serviceChecks } from '../core/health/service-checks.ts';
import { printable } from '../core/names.ts';
import { joinPath } from '../core/project/view.ts';
import { cutRedactor } from '../core/secrets/redact.ts';
import { checkHealth } from './check-health.ts';
import { labelOf, serviceLabel } from './deploy/compose/container-labels.ts';
import { findLeftovers, servingTargets } from './deploy/compose/leftovers.ts';
import { expectedBy, restartPolicyOf } from './deploy/compose/meant-to-run.ts';
import { proxyOf } from './deploy/compose/open-edge.ts';
import {
  environmentValues,
  inspectProject,
  judgeFound,
  nameOf,
} from './deploy/compose/project-containers.ts';
import { directedAt } from './deploy/compose/verify-targets.ts';
import { serviceOfRelease } from './deploy/release-service.ts';
import { silentReporter } from './reporter.ts';
import { judgeWithoutSecrets, keptEnvironment } from './script-health.ts';

export interface StatusRequest {
  readonly stateRoot: string;
  /** Only these; all when it is empty. */
  readonly services: readonly string[];
  readonly hostEnv: NodeJS.ProcessEnv;
}

export type Health = 'healthy' | 'unhealthy' | 'starting' | 'unknown' | 'removed';

/** One service on this host. */
export interface ServiceStatus {
  readonly repository: string;
  readonly target: string;
  readonly service: string;
  /** The release that serves; undefined where none ever did. */
  readonly release: string | undefined;
  readonly restores: string | undefined;
  readonly commit: string | undefined;
  readonly at: string | undefined;
  readonly by: string | undefined;
  readonly url: string | undefined;
  readonly health: Health;
  /** Why it is not healthy, or not known; empty when it is healthy. */
  readonly detail: string;
  readonly drift: readonly string[];
  readonly frozen: Freeze | undefined;
  /** Whether a deployment is under way, or was interrupted. */
  readonly unfinished: boolean;
}

/** Everything that was deployed on this host, and whether it still is what was released. Changes nothing. */
export async function readStatus(request: StatusRequest): Promise<ServiceStatus[]> {
  const found = await servicesBelow(request.stateRoot);
  const wanted = found.filter(
    ({ at }) => request.services.length === 0 || request.services.includes(at[3] ?? ''),
  );
  return await onHost(
    request,
    async (host) => await Promise.all(wanted.map(async ({ at, state }) => await statusOf(at, state, host))),
  );
}

/** The same of one service; `folder` is that of its state, absolute. */
export async function readServiceStatus(
  folder: string,
  request: Omit<StatusRequest, 'services'>,
): Promise<ServiceStatus> {
  const at = relative(request.stateRoot, folder).split('/');
  return await onHost(request, async (host) => await statusOf(at, openServiceState(folder, false), host));
}

async function onHost<T>(
  { stateRoot, hostEnv }: Omit<StatusRequest, 'services'>,
  ask: (host: StatusHost) => Promise<T>,
): Promise<T> {
  const engine = await engineOf(hostEnv);
  try {
    return await ask({ engine, env: hostEnv, routes: await routesOf(stateRoot) });
  } finally {
    engine?.close();
  }
}

interface StatusHost {
  readonly env: NodeJS.ProcessEnv;
  /** Undefined where it can't be asked. */
  readonly engine: EngineApi | undefined;
  /** Of the edge proxy; undefined where there is none, or none that answers. */
  readonly routes: readonly ServedRoute[] | undefined;
}

async function routesOf(stateRoot: string): Promise<readonly ServedRoute[] | undefined> {
  const settings = await readEdgeSettings(stateRoot);
  if (settings === undefined) return undefined;
  const proxy = proxyOf(settings);
  try {
    return await proxy.routes();
  } catch (error) {
    if (error instanceof LaunchError) return undefined;
    throw error;
  } finally {
    proxy.close();
  }
}

/** owner/name/target/service, as far as the folders tell. */
async function servicesBelow(
  root: string,
): Promise<{ readonly at: string[]; readonly state: ServiceState }[]> {
  const folders = await serviceFolders(root);
  const services = await Promise.all(
    folders.map(async (folder) => {
      const names: string[] = await readdir(folder).catch(() => []);
      const at = relative(root, folder).split('/');
      const state = openServiceState(folder, false);
      // A first deployment that was refused leaves no release.
      const isService = names.includes(layout.history) || (await state.listReleases()).length > 0;
      return isService ? [{ at, state }] : [];
    }),
  );
  return services.flat();
}

async function engineOf(env: NodeJS.ProcessEnv): Promise<EngineApi | undefined> {
  try {
    return openEngine(await findEndpoint(hostPart(env)));
  } catch (error) {
    if (error instanceof LaunchError) return undefined;
    throw error;
  }
}

async function statusOf(
  [owner = '', name = '', target = '', service = '']: readonly string[],
  state: ServiceState,
  host: StatusHost,
): Promise<ServiceStatus> {
  const [current, frozen, journal] = await Promise.all([
    state.readCurrent(),
    state.readFreeze(),
    state.readJournal(),
  ]);
  return {
    // The record has the names as they are; folders may have been made safe.
    repository: current?.repository ?? `${owner}/${name}`,
    target: current?.target ?? target,
    service: current?.service ?? service,
    release: current?.id,
    restores: current?.restores,
    commit: current?.commit,
    at: current?.at,
    by: current?.by,
    url: current?.url,
    frozen,
    unfinished: journal.length > 0,
    ...(await healthOf(current, state, host)),
  };
}

async function healthOf(
  current: Release | undefined,
  state: ServiceState,
  host: StatusHost,
): Promise<Pick<ServiceStatus, 'health' | 'detail' | 'drift'>> {
  if (current === undefined) return { ...(await whyNone(state)), drift: [] };
  try {
    const { drift, fault, isStarting, found } = await lookAtContainers(current, state, host);
    if (fault !== undefined) return { health: isStarting ? 'starting' : 'unhealthy', detail: fault, drift };
    return { ...(await askChecks(current, state, found, host.env)), drift };
  } catch (error) {
    if (!(error instanceof LaunchError)) throw error;
    return { health: 'unknown', detail: error.summary, drift: [] };
  }
}

async function whyNone(state: ServiceState): Promise<Pick<ServiceStatus, 'health' | 'detail'>> {
  const removal = lastRemoval(await state.readHistory());
  if (removal === undefined) return { health: 'unknown', detail: 'nothing was released' };
  return { health: 'removed', detail: printable(describeRemoval(removal), 300) };
}

interface Look {
  readonly drift: string[];
  readonly found: readonly InspectedContainer[];
  readonly fault?: string;
  readonly isStarting?: boolean;
}

async function lookAtContainers(
  release: Release,
  state: ServiceState,
  { engine, routes }: StatusHost,
): Promise<Look> {
  if (release.project === undefined) return { drift: [], found: [] };
  if (engine === undefined) {
    throw new LaunchError('ENGINE_UNAVAILABLE', 'the Docker Engine can not be asked', {
      remedy: 'Start it, or let this user use it.',
    });
  }
  const containers: Containers = containersOf(engine);
  const all = await inspectProject(containers, release.project);
  // What a failed release has left beside the ones that serve is drift, and says nothing of their health.
  const leftovers = await findLeftovers(all, state);
  const found = all.filter((it) => !leftovers.includes(it));
  const drift = [
    ...driftOf(release, all.map(asRunning)),
    // What was taken over may never have been what the commit says.
    ...(release.takenOver?.differs ?? []),
    ...(await routeDrift(release, state, found, routes)),
  ];
  // How often they restarted since they were released is nothing that is known here.
  const restarts = new Map(found.map((it) => [it.Id, it.RestartCount ?? 0]));
  // Which of a container's values are secret is not known here; no report may show one.
  const hide = cutRedactor(environmentValues(found), 'end');
  const verdict = judgeFound(found, { restarts, ...expectedBy(release, found), hide });
  if (found.length === 0 && release.containers.length > 0) {
    return { drift, found, fault: 'no container is there' };
  }
  if (verdict.kind === 'failed') return { drift, found, fault: verdict.reason };
  return verdict.kind === 'waiting'
    ? { drift, found, fault: verdict.on, isStarting: true }
    : { drift, found };
}

/** A container that was started again may have another address than the one the proxy leads to. */
async function routeDrift(
  { route, project = '' }: Release,
  state: ServiceState,
  found: readonly InspectedContainer[],
  routes: readonly ServedRoute[] | undefined,
): Promise<string[]> {
  if (route === undefined || routes === undefined) return [];
  const upstreams = (await servingTargets(found, project, route, state)).map((it) => it.upstream);
  return isLedTo(routes, route, upstreams)
    ? []
    : [`the edge proxy leads ${route.host}${trimmed(route.path)} elsewhere`];
}

function asRunning(container: InspectedContainer) {
  const policy = restartPolicyOf(container);
  return {
    id: container.Id,
    name: nameOf(container),
    service: labelOf(container, serviceLabel),
    image: container.Image,
    status: container.State.Status,
    isLasting: policy === 'always' || policy === 'unless-stopped',
  };
}

/** What can be asked without the service's secrets: over the network, and by the scripts of a service without containers. */
async function askChecks(
  release: Release,
  state: ServiceState,
  found: readonly InspectedContainer[],
  hostEnv: NodeJS.ProcessEnv,
): Promise<Pick<ServiceStatus, 'health' | 'detail'>> {
  const snapshot = join(state.releaseFolder(release.id), layout.snapshot);
  const service = await serviceOfRelease(release, snapshot);
  const declared = serviceChecks(service, {
    cwd: joinPath(snapshot, release.folder),
    env: keptEnvironment(release, service.settings.env, hostEnv),
    secrets: environmentValues(found),
  });
  const { project = '', route } = release;
  const all = route === undefined ? declared : directedAt(found, project, route, declared);
  const checks = all
    .filter(({ kind }) => kind === 'http' || kind === 'tcp' || (kind === 'command' && project === ''))
    .map((check) => ({ ...check, timeoutMs: check.kind === 'command' ? 10_000 : 2000, successes: 1 }));
  if (checks.length === 0) {
    return release.project === undefined
      ? { health: 'unknown', detail: 'it has no check that can be asked from here' }
      : { health: 'healthy', detail: '' };
  }
  const report = await checkHealth(checks, silentReporter);
  if (report.healthy) return { health: 'healthy', detail: '' };
  const failed = report.checks.find((check) => check.outcome === 'unhealthy');
  if (failed?.label.startsWith('command ') === true) return judgeWithoutSecrets(release, failed);
  return {
    health: 'unhealthy',
    detail: failed === undefined ? 'a check failed' : `${failed.label}: ${failed.why}`,
  };
}
