import { setTimeout as sleep } from 'node:timers/promises';
import type { Containers, InspectedContainer } from '../../../adapters/engine/containers.ts';
import { addressOf, upstreamAt } from '../../../core/deploy/container-address.ts';
import { type EdgeProxy, type EdgeRoute, isLedTo, type Upstream } from '../../../core/deploy/edge.ts';
import type { Switching } from '../../../core/deploy/journal.ts';
import { labelOf, serviceLabel } from './container-labels.ts';
import { inspectProject } from './project-containers.ts';

/** A container that the edge proxy can lead requests to. */
export interface Target {
  readonly id: string;
  readonly address: string;
  readonly upstream: Upstream;
  readonly container: InspectedContainer;
}

/** The running containers of a route, without those that are to go. */
export async function targetsOf(
  containers: Containers,
  project: string,
  route: EdgeRoute,
  leaving: ReadonlySet<string> = new Set(),
): Promise<Target[]> {
  const found = await inspectProject(containers, project);
  return asTargets(found, project, route).filter(({ id }) => !leaving.has(id));
}

export function asTargets(found: readonly InspectedContainer[], project: string, route: EdgeRoute): Target[] {
  return found
    .filter((it) => it.State.Running && labelOf(it, serviceLabel) === route.service)
    .flatMap((container) => {
      const mode = container.HostConfig['NetworkMode'];
      const address = addressOf(container.NetworkSettings.Networks, mode, project);
      if (address === undefined) return [];
      return [{ id: container.Id, address, upstream: upstreamAt(address, route.port), container }];
    });
}

/** Whether the proxy leads the route to exactly these. */
export async function leadsTo(
  edge: EdgeProxy,
  route: EdgeRoute,
  upstreams: readonly Upstream[],
): Promise<boolean> {
  return isLedTo(await edge.routes(), route, upstreams);
}

/** Whether requests go to these containers and to no other, and none of them is known to be unwell. */
export async function isServedBy(
  edge: EdgeProxy,
  containers: Containers,
  project: string,
  route: EdgeRoute,
  ids: ReadonlySet<string>,
): Promise<boolean> {
  const old = (await targetsOf(containers, project, route)).filter(({ id }) => ids.has(id));
  if (old.length === 0 || old.some(({ container }) => container.State.Health?.Status === 'unhealthy')) {
    return false;
  }
  return await leadsTo(
    edge,
    route,
    old.map(({ upstream }) => upstream),
  );
}

/**
 * So many looks must agree: the proxy closes the ports of its old configuration a moment after it has said that
 * the new one is in force, and what came in there is counted a moment after that.
 */
const looks = 3;
const pauseMs = 50;

/** Waits until nothing is under way to the upstreams any more, or for `limitMs`; false when it took longer. */
export async function drain(
  edge: EdgeProxy,
  upstreams: readonly Upstream[],
  limitMs: number,
): Promise<boolean> {
  if (upstreams.length === 0) return true;
  const end = performance.now() + limitMs;
  for (let idle = 0; ; ) {
    const counts = await Promise.all(upstreams.map(async (it) => await edge.inFlight(it)));
    idle = counts.every((count) => count === 0) ? idle + 1 : 0;
    if (idle >= looks) return true;
    if (performance.now() > end) return false;
    await sleep(pauseMs);
  }
}

/**
 * Brings the route back to the containers that served before, as far as they run, and lets the others end what
 * they have begun. False when none of them runs.
 */
export async function leadBack(
  edge: EdgeProxy,
  containers: Containers,
  project: string,
  { previous, route, drainMs }: Switching,
  before: ReadonlySet<string>,
): Promise<boolean> {
  if (previous === undefined) return false;
  const found = await inspectProject(containers, project);
  const old = asTargets(found, project, previous).filter(({ id }) => before.has(id));
  if (old.length === 0) return false;
  const upstreams = old.map((it) => it.upstream);
  const leaving = asTargets(found, project, route ?? previous)
    .filter(({ id }) => !before.has(id))
    .map((it) => it.upstream);
  if (!(await leadsTo(edge, previous, upstreams))) await edge.serve(previous, upstreams, leaving);
  await drain(edge, leaving, drainMs);
  return true;
}

/** Once the old containers are back: the route leads to them, or is gone where there was none. */
export async function restoreRoute(
  edge: EdgeProxy,
  containers: Containers,
  project: string,
  { previous, route }: Switching,
): Promise<void> {
  if (previous === undefined) {
    if (route !== undefined) await edge.remove(route.id);
    return;
  }
  const targets = await targetsOf(containers, project, previous);
  const upstreams = targets.map((it) => it.upstream);
  await edge.serve(previous, upstreams, []);
}
