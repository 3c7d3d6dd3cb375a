import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readEdgeSettings } from '../../adapters/edge/edge-file.ts';
import { openEngine } from '../../adapters/engine/api.ts';
import { type Containers, containersOf } from '../../adapters/engine/containers.ts';
import { findEndpoint } from '../../adapters/engine/endpoint.ts';
import { type CurrentRelease, listCurrent } from '../../adapters/state/list-current.ts';
import { takeLock } from '../../adapters/state/lock.ts';
import { openServiceState, type ServiceState } from '../../adapters/state/service-state.ts';
import { isShared } from '../../adapters/state/state-root.ts';
import { hostPart } from '../../core/deploy/child-env.ts';
import { type EdgeProxy, type EdgeRoute, trimmed, type Upstream } from '../../core/deploy/edge.ts';
import { layout } from '../../core/deploy/state-layout.ts';
import { LaunchError } from '../../core/errors.ts';
import { servingTargets } from '../deploy/compose/leftovers.ts';
import { proxyOf } from '../deploy/compose/open-edge.ts';
import { inspectProject } from '../deploy/compose/project-containers.ts';
import { leadsTo } from '../deploy/compose/traffic.ts';
import type { Reporter } from '../reporter.ts';

export interface RouteRequest {
  readonly stateRoot: string;
  readonly env: NodeJS.ProcessEnv;
  /** Who does it; for the locks. */
  readonly by: string;
  /** How long to wait for containers that a restart of the host has not brought back yet; in milliseconds. */
  readonly patienceMs: number;
}

/**
 * Leads every route to the containers that serve now: after a restart of the host they have other addresses. A
 * service that is being deployed, or whose deployment is unfinished, is left to that.
 *
 * @throws LaunchError ENGINE_UNAVAILABLE
 */
export async function restoreRoutes(request: RouteRequest, reporter: Reporter): Promise<void> {
  const settings = await readEdgeSettings(request.stateRoot);
  if (settings === undefined) return;
  const proxy = proxyOf(settings);
  const api = openEngine(await findEndpoint(request.env));
  try {
    await untilReady(proxy);
    const containers = containersOf(api);
    const deadline = performance.now() + request.patienceMs;
    for (const release of await listCurrent(request.stateRoot)) {
      if (release.route === undefined) continue;
      await underLock(release, request, reporter, async (current) => {
        await restoreRoute(current, { proxy, containers, deadline }, reporter);
      });
    }
  } finally {
    api.close();
    proxy.close();
  }
}

/** A proxy that was just started takes a moment. */
export async function untilReady(proxy: EdgeProxy): Promise<void> {
  const end = performance.now() + 15_000;
  for (;;) {
    try {
      await proxy.assertReady();
      return;
    } catch (error) {
      if (performance.now() > end) throw error;
      await sleep(200);
    }
  }
}

/** What serves is read again under the lock: a deployment may have ended in between. */
async function underLock(
  { stateFolder, service, target }: CurrentRelease,
  { stateRoot, env, by }: RouteRequest,
  reporter: Reporter,
  body: (current: RoutedRelease) => Promise<void>,
): Promise<void> {
  try {
    const lock = await takeLock({
      path: join(stateFolder, layout.lock),
      owner: { who: by, since: new Date().toISOString(), pid: process.pid },
      timeout: 0,
      mode: (await isShared(stateRoot)) ? 0o660 : 0o600,
      env: hostPart(env),
      onWait: () => {},
    });
    try {
      const state = openServiceState(stateFolder, false);
      const current = await state.readCurrent();
      const { route, project } = current ?? {};
      if (route === undefined || project === undefined) return;
      if ((await state.readJournal()).length === 0) await body({ route, project, service, state });
    } finally {
      await lock.release();
    }
  } catch (error) {
    if (!(error instanceof LaunchError) || error.code !== 'LOCK_HELD') throw error;
    reporter.info(`${service} on ${target} is being deployed: its route is left to that.`);
  }
}

interface RoutedRelease {
  readonly route: EdgeRoute;
  readonly project: string;
  readonly service: string;
  readonly state: ServiceState;
}

async function restoreRoute(
  release: RoutedRelease,
  {
    proxy,
    containers,
    deadline,
  }: { readonly proxy: EdgeProxy; readonly containers: Containers; readonly deadline: number },
  reporter: Reporter,
): Promise<void> {
  const { route, service } = release;
  const where = `${route.host}${trimmed(route.path)}`;
  const upstreams = await runningUpstreams(containers, release, deadline);
  if (upstreams.length === 0) {
    reporter.warning(`No container of "${service}" runs: its route ${where} stays as it is.`);
  } else if (!(await leadsTo(proxy, route, upstreams))) {
    await proxy.serve(route, upstreams, []);
    reporter.info(`${where} leads to ${service} (${upstreams.join(', ')}).`);
  }
}

async function runningUpstreams(
  containers: Containers,
  { project, route, state }: RoutedRelease,
  deadline: number,
): Promise<Upstream[]> {
  for (;;) {
    const targets = await servingTargets(await inspectProject(containers, project), project, route, state);
    if (targets.length > 0 || performance.now() > deadline) return targets.map(({ upstream }) => upstream);
    await sleep(200);
  }
}
