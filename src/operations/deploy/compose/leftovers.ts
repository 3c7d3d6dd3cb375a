import type { InspectedContainer } from '../../../adapters/engine/containers.ts';
import type { ServiceState } from '../../../adapters/state/service-state.ts';
import type { EdgeRoute } from '../../../core/deploy/edge.ts';
import type { Switching } from '../../../core/deploy/journal.ts';
import { isLeftover, releaseOf } from '../../../core/deploy/leftover.ts';
import type { Release } from '../../../core/deploy/release.ts';
import { labelsOf } from './container-labels.ts';
import type { ComposeHost } from './host.ts';
import { removeAll } from './retire.ts';
import { asTargets, drain, type Target } from './traffic.ts';

type Records = Pick<ServiceState, 'readRelease' | 'readCurrent'>;

/** Those that a release has left beside the ones that serve, though it was never accepted. */
export async function findLeftovers(
  found: readonly InspectedContainer[],
  state: Records,
): Promise<InspectedContainer[]> {
  const current = await state.readCurrent();
  const records = new Map<string, Release | undefined>();
  const leftovers: InspectedContainer[] = [];
  for (const it of found) {
    const labelled = { id: it.Id, labels: labelsOf(it), status: it.State.Status };
    const made = releaseOf(labelled);
    if (made === undefined) continue;
    if (!records.has(made)) records.set(made, await state.readRelease(made));
    if (isLeftover(labelled, records.get(made), current)) leftovers.push(it);
  }
  return leftovers;
}

/** The containers that a route may lead to: those that run, and belong to a release that was accepted. */
export async function servingTargets(
  found: readonly InspectedContainer[],
  project: string,
  route: EdgeRoute,
  state: Records,
): Promise<Target[]> {
  const leftovers = new Set(await findLeftovers(found, state));
  return asTargets(
    found.filter((it) => !leftovers.has(it)),
    project,
    route,
  );
}

/**
 * Those of them that can go before the new release starts: all, unless requests are led to them and nothing else
 * is there that could take those.
 */
export async function removableLeftovers(
  host: ComposeHost,
  project: string,
  leftovers: readonly InspectedContainer[],
  staying: readonly InspectedContainer[],
  previous: EdgeRoute | undefined,
): Promise<readonly InspectedContainer[]> {
  if (previous === undefined || leftovers.length === 0) return leftovers;
  if (asTargets(staying, project, previous).length > 0) return leftovers;
  const served = (await (await host.edge())?.proxy.routes())?.find(({ id }) => id === previous.id);
  const isServing = asTargets(leftovers, project, previous).some(
    ({ upstream }) => served?.upstreams.includes(upstream) === true,
  );
  return isServing ? [] : leftovers;
}

/** Removes them; requests that are led to them go to the ones that serve first. */
export async function removeLeftovers(
  host: ComposeHost,
  project: string,
  leftovers: readonly InspectedContainer[],
  staying: readonly InspectedContainer[],
  switching: Switching | undefined,
): Promise<void> {
  if (leftovers.length === 0) return;
  const { previous, drainMs = 0 } = switching ?? {};
  const proxy = previous === undefined ? undefined : (await host.edge())?.proxy;
  if (previous !== undefined && proxy !== undefined) {
    const left = asTargets(leftovers, project, previous).map(({ upstream }) => upstream);
    const served = (await proxy.routes()).find(({ id }) => id === previous.id)?.upstreams ?? [];
    const upstreams = asTargets(staying, project, previous).map(({ upstream }) => upstream);
    if (upstreams.length > 0 && left.some((it) => served.includes(it))) {
      await proxy.serve(previous, upstreams, left);
      await drain(proxy, left, drainMs);
    }
  }
  await removeAll(host.containers, leftovers);
}
