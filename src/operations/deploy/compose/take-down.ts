import type { InspectedContainer } from '../../../adapters/engine/containers.ts';
import { listVolumes } from '../../../adapters/engine/volumes.ts';
import type { Owner } from '../../../core/deploy/additions.ts';
import { ownToRemove } from '../../../core/deploy/ownership.ts';
import type { Release } from '../../../core/deploy/release.ts';
import { stopOrder } from '../../../core/deploy/start-order.ts';
import type { TakenDown } from '../driver.ts';
import { dependsOnLabel, labelOf, serviceLabel } from './container-labels.ts';
import type { ComposeHost } from './host.ts';
import { removeStandBy } from './stand-by.ts';

export interface TakeDownPlace {
  readonly owner: Owner;
  /** Absolute. */
  readonly stateFolder: string;
}

interface OwnProject {
  readonly project: string;
  readonly own: readonly { readonly id: string; readonly name: string }[];
  /** The service of Launch that has the project now. */
  readonly takenBy: string | undefined;
}

/**
 * The containers of a release's project, those of `compose run` included.
 *
 * @throws LaunchError CONFIG_INVALID when it is not this service's own
 */
export async function findOwnProject(
  { containers }: ComposeHost,
  { owner, stateFolder }: TakeDownPlace,
  { project, containers: recorded }: Release,
): Promise<OwnProject | undefined> {
  if (project === undefined) return undefined;
  const listed = await containers.list([`com.docker.compose.project=${project}`]);
  const known = new Set(recorded.map(({ id }) => id));
  return { project, ...ownToRemove(listed, { project, owner, state: stateFolder, known }) };
}

/**
 * Takes down what a release has started, as `docker compose down` does, but exactly those containers that were found to
 * be its own: first its route, so that no request comes any more, then the containers in the order of their
 * dependencies, then the networks. Volumes and images stay. It can be done again after it was interrupted.
 *
 * @throws LaunchError as `findOwnProject`, and when the engine can't do it
 */
export async function takeDownProject(
  host: ComposeHost,
  place: TakeDownPlace,
  release: Release,
): Promise<TakenDown> {
  const { containers, networks, api } = host;
  const found = await findOwnProject(host, place, release);
  const edge = release.route === undefined ? undefined : await host.edge();
  if (release.route !== undefined && edge !== undefined) await edge.proxy.remove(release.route.id);
  if (found === undefined) return { containers: [], volumes: [], notices: [] };
  const { project, own, takenBy } = found;
  if (takenBy !== undefined) {
    const notice = `The compose project "${project}" is that of "${takenBy}" now, which is left as it is.`;
    return { containers: [], volumes: [], notices: [notice] };
  }
  const inspected = await Promise.all(own.map(async ({ id }) => await containers.inspect(id)));
  const all = inspected.filter((it) => it !== undefined);
  const startable = all.map((container) => ({
    container,
    service: labelOf(container, serviceLabel),
    dependsOn: labelOf(container, dependsOnLabel),
  }));
  for (const group of stopOrder(startable)) {
    await Promise.all(group.map(async ({ container }) => await containers.stop(container.Id, undefined)));
  }
  await Promise.all(own.map(async ({ id }) => await containers.remove(id)));
  await removeStandBy(containers, project);
  await networks.remove(project);
  const named = (await listVolumes(api, project)).map(({ name }) => name);
  const volumes = [...new Set([...named, ...all.flatMap(volumesOf)])].sort();
  return { containers: own.map(({ name }) => name).sort(), volumes, notices: [] };
}

function volumesOf({ Mounts: mounts }: InspectedContainer): string[] {
  return mounts.flatMap(({ Type: type, Name: name }) =>
    type === 'volume' && name !== undefined ? [name] : [],
  );
}
