import { readdir } from 'node:fs/promises';
import { relative } from 'node:path';
import { readEdgeSettings } from '../adapters/edge/edge-file.ts';
import { type EngineApi, openEngine } from '../adapters/engine/api.ts';
import { findEndpoint } from '../adapters/engine/endpoint.ts';
import { serviceFolders } from '../adapters/state/service-folders.ts';
import { openServiceState, type ServiceState } from '../adapters/state/service-state.ts';
import { hostPart } from '../core/deploy/child-env.ts';
import type { ServedRoute } from '../core/deploy/edge.ts';
import type { Freeze } from '../core/deploy/freeze.ts';
import { describeRemoval, lastRemoval, type Release } from '../core/deploy/release.ts';
import { layout } from '../core/deploy/state-layout.ts';
import { LaunchError } from '../core/errors.ts';
import { printable } from '../core/names.ts';
import { proxyOf } from './deploy/compose/open-edge.ts';
import { askChecks, type CheckTurns, checkTurns } from './status/ask-checks.ts';
import { type ContainersHost, lookAtContainers } from './status/look-at-containers.ts';
import { projectsHere } from './status/projects-here.ts';

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
  /** Whether it could not be looked at: the engine does not answer, or its record can't be read. */
  readonly unseen: boolean;
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
    { ...request, many: wanted.length > 3 },
    async (host) => await Promise.all(wanted.map(async ({ at, state }) => await statusOf(at, state, host))),
  );
}

/** The same of one service; `folder` is that of its state, absolute. */
export async function readServiceStatus(
  folder: string,
  request: Omit<StatusRequest, 'services'>,
): Promise<ServiceStatus> {
  const at = relative(request.stateRoot, folder).split('/');
  const state = openServiceState(folder, false);
  return await onHost({ ...request, many: false }, async (host) => await statusOf(at, state, host));
}

async function onHost<T>(
  { stateRoot, hostEnv, many }: Omit<StatusRequest, 'services'> & { readonly many: boolean },
  ask: (host: StatusHost) => Promise<T>,
): Promise<T> {
  const engine = await engineOf(hostEnv);
  try {
    const projects = projectsHere(engine, many);
    return await ask({ projects, env: hostEnv, routes: await routesOf(stateRoot), turns: checkTurns() });
  } finally {
    engine?.close();
  }
}

interface StatusHost extends ContainersHost {
  readonly env: NodeJS.ProcessEnv;
  readonly turns: CheckTurns;
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
): Promise<Pick<ServiceStatus, 'health' | 'detail' | 'drift' | 'unseen'>> {
  const unseen = false;
  if (current === undefined) return { ...(await whyNone(state)), drift: [], unseen };
  try {
    const { drift, fault, isStarting, found } = await lookAtContainers(current, state, host);
    if (fault !== undefined)
      return { health: isStarting ? 'starting' : 'unhealthy', detail: fault, drift, unseen };
    return { ...(await askChecks(current, state, found, host)), drift, unseen };
  } catch (error) {
    if (!(error instanceof LaunchError)) throw error;
    return { health: 'unknown', detail: error.summary, drift: [], unseen: true };
  }
}

async function whyNone(state: ServiceState): Promise<Pick<ServiceStatus, 'health' | 'detail'>> {
  const removal = lastRemoval(await state.readHistory());
  if (removal === undefined) return { health: 'unknown', detail: 'nothing was released' };
  return { health: 'removed', detail: printable(describeRemoval(removal), 300) };
}
