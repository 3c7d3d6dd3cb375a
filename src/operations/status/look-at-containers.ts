import type { InspectedContainer } from '../../adapters/engine/containers.ts';
import type { ServiceState } from '../../adapters/state/service-state.ts';
import { driftOf } from '../../core/deploy/drift.ts';
import { isLedTo, type ServedRoute, trimmed } from '../../core/deploy/edge.ts';
import type { Release } from '../../core/deploy/release.ts';
import { cutRedactor } from '../../core/secrets/redact.ts';
import { labelOf, serviceLabel } from '../deploy/compose/container-labels.ts';
import { findLeftovers, servingTargets } from '../deploy/compose/leftovers.ts';
import { expectedBy, restartPolicyOf } from '../deploy/compose/meant-to-run.ts';
import { environmentValues, judgeFound, nameOf } from '../deploy/compose/project-containers.ts';
import type { ProjectsHere } from './projects-here.ts';

/** What is asked of the host, for all its services together. */
export interface ContainersHost {
  readonly projects: ProjectsHere;
  /** Of the edge proxy; undefined where there is none, or none that answers. */
  readonly routes: readonly ServedRoute[] | undefined;
}

interface Look {
  readonly drift: string[];
  readonly found: readonly InspectedContainer[];
  readonly fault?: string;
  readonly isStarting?: boolean;
}

/** Which containers of a release are there, in what state, and whether they are the released ones. */
export async function lookAtContainers(
  release: Release,
  state: ServiceState,
  { projects, routes }: ContainersHost,
): Promise<Look> {
  if (release.project === undefined) return { drift: [], found: [] };
  const all = await projects.containersOf(release.project);
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
  const hide = onceNeeded(() => cutRedactor(environmentValues(found), 'end'));
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

/** What is told of a container that is well holds nothing to hide, and most of them are. */
function onceNeeded(make: () => (text: string) => string): (text: string) => string {
  let made: ((text: string) => string) | undefined;
  return (text) => {
    if (text === '') return text;
    made ??= make();
    return made(text);
  };
}
