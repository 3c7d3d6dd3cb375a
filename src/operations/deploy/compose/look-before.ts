import type { InspectedContainer } from '../../../adapters/engine/containers.ts';
import { openServiceState } from '../../../adapters/state/service-state.ts';
import type { Generations } from '../../../core/deploy/generations.ts';
import type { Switching } from '../../../core/deploy/journal.ts';
import type { Release } from '../../../core/deploy/release.ts';
import type { Deployment } from '../deployment.ts';
import type { BeforeStart } from '../driver.ts';
import { labelOf, serviceLabel } from './container-labels.ts';
import type { ComposeHost } from './host.ts';
import { findLeftovers, removableLeftovers } from './leftovers.ts';
import { isMeantToRun } from './meant-to-run.ts';
import { assertUndisturbed, planBeside } from './plan-beside.ts';
import { strategyOf } from './plan-route.ts';
import type { PreparedProject } from './prepare.ts';
import { inspectProject, nameOf } from './project-containers.ts';
import { movedTags } from './restore.ts';

/** What stood there before the start, with its environment: only ever in memory and in the engine. */
export interface SeenBefore {
  readonly originals: readonly InspectedContainer[];
  /** What a release that was never accepted has left beside them: it goes before anything starts. */
  readonly leftovers: readonly InspectedContainer[];
  /** Undefined where compose replaces the containers. */
  readonly generations: Generations | undefined;
  readonly before: BeforeStart;
}

export interface LookBeforeQuestion {
  /** The one that is about to start. */
  readonly release: string;
  /** The one that serves. */
  readonly current: Release | undefined;
  readonly stateFolder: string;
}

/** Looks at what runs, and settles which of it makes room for the release. */
export async function lookBefore(
  deployment: Deployment,
  host: ComposeHost,
  { laidOut, details, previousRoute, hashes, disturbed }: PreparedProject,
  { release, current, stateFolder }: LookBeforeQuestion,
): Promise<SeenBefore> {
  const { restores, service } = deployment;
  const found = await inspectProject(host.containers, laidOut.name);
  const left = new Set(await findLeftovers(found, openServiceState(stateFolder, false)));
  const accepted = found.filter((it) => !left.has(it));
  const leftovers = await removableLeftovers(host, laidOut.name, [...left], accepted, previousRoute);
  const originals = found.filter((it) => !leftovers.includes(it));
  if (originals.length > 0) assertUndisturbed(deployment, await disturbed);
  const strategy = originals.length === 0 ? undefined : strategyOf(deployment);
  const { route } = details;
  const generations =
    strategy === undefined
      ? undefined
      : planBeside(deployment, laidOut, await hashes, details.images ?? {}, originals, route?.service);
  const switching: Switching = {
    release,
    ...(strategy === undefined ? {} : { strategy }),
    ...(route === undefined ? {} : { route }),
    ...(previousRoute === undefined ? {} : { previous: previousRoute }),
    leaving: [...(generations?.leaving ?? [])],
    drainMs: service.settings.drain,
  };
  const before = {
    project: laidOut.name,
    networks: await host.networks.list(laidOut.name),
    ...(restores === undefined ? {} : { tags: await movedTags(restores.release, host.images) }),
    ...(route === undefined && previousRoute === undefined ? {} : { switching }),
    before: originals.map((it) => ({
      id: it.Id,
      name: nameOf(it),
      running: isMeantToRun(it, current),
      service: labelOf(it, serviceLabel),
    })),
  };
  return { originals, leftovers, generations, before };
}
