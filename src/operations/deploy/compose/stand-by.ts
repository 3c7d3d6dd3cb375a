import type { Containers, InspectedContainer } from '../../../adapters/engine/containers.ts';
import type { Images } from '../../../adapters/engine/images.ts';
import type { Networks } from '../../../adapters/engine/networks.ts';
import type { ContainerBefore, NetworkBefore } from '../../../core/deploy/journal.ts';
import {
  joinedContainers,
  type KeptRecord,
  keptProjectLabel,
  readKept,
  restoredContainer,
  standByCopy,
} from '../../../core/deploy/kept-container.ts';
import { startOrder } from '../../../core/deploy/start-order.ts';
import { attach, putNetworksBack } from './attach-networks.ts';
import { dependsOnLabel, labelsOf, serviceLabel } from './container-labels.ts';
import { inspectProject } from './project-containers.ts';

/**
 * Copies every container of a project, so that it can come back as it is now. One after the other: when one can't
 * be made, none is still on its way while the others are removed.
 */
export async function makeStandBy(
  containers: Containers,
  originals: readonly InspectedContainer[],
  release: string,
  project: string,
): Promise<void> {
  for (const original of originals) {
    const { name, body } = standByCopy(original, release, project);
    await containers.create(name, body);
  }
}

export async function removeStandBy(containers: Containers, project: string): Promise<void> {
  const copies = await containers.list([`${keptProjectLabel}=${project}`]);
  await Promise.all(copies.map(async ({ id }) => await containers.remove(id)));
}

interface Means {
  readonly containers: Containers;
  readonly images: Images;
  readonly networks: Networks;
}

/**
 * Brings the containers back that ran before a release, as they were: those that are still there are started,
 * those that compose has replaced are made anew from their copies, and what the release had started goes. It
 * can be done again after it was interrupted, as long as the copies are there: they go once it is noted down under
 * which ids the containers are back.
 */
export async function bringBack(
  { containers, images, networks }: Means,
  project: string,
  before: readonly ContainerBefore[],
  networksBefore: readonly NetworkBefore[],
): Promise<void> {
  const wanted = new Set(before.map(({ id }) => id));
  await removeOthers(containers, project, wanted);
  const staying = (await inspectProject(containers, project)).filter((it) => wanted.has(it.Id));
  await putNetworksBack(containers, networks, project, networksBefore, staying);
  const there = new Set(staying.map((it) => it.Id));
  const copies = await copiesOf(containers, project);
  const networkIds = await networks.ids(project);
  for (const { record } of copies.filter((it) => there.has(it.record.id))) {
    await attach(containers, record.id, record.networks, networkIds);
  }
  const ids = new Map([...there].map((id) => [id, id]));
  for (const { copy, record } of copies.filter((it) => !there.has(it.record.id))) {
    await pointImageBack(images, record.image, copy.Image);
    const { name, body, networks } = restoredContainer(copy, record, ids);
    const id = await containers.create(name, body);
    for (const [network, settings] of Object.entries(networks)) {
      await containers.connect(network, id, settings);
    }
    ids.set(record.id, id);
  }
  const running = before.filter((it) => it.running).flatMap((it) => ids.get(it.id) ?? []);
  const restored = (await Promise.all(running.map(async (id) => await containers.inspect(id)))).filter(
    (it) => it !== undefined,
  );
  const startable = restored.map((it) => ({
    id: it.Id,
    service: String(labelsOf(it)[serviceLabel] ?? it.Id),
    dependsOn: String(labelsOf(it)[dependsOnLabel] ?? ''),
  }));
  for (const { id } of startOrder(startable)) await containers.start(id);
  await removeOthers(containers, project, new Set(ids.values()));
}

/**
 * Removes every container of a project but these. The engine goes on with what a compose that was ended had asked
 * for, so that one may come up at any later moment.
 */
export async function removeOthers(
  containers: Containers,
  project: string,
  staying: ReadonlySet<string>,
): Promise<void> {
  const present = await inspectProject(containers, project);
  await Promise.all(
    present.filter((it) => !staying.has(it.Id)).map(async (it) => await takeDown(containers, it)),
  );
}

/** Those that share another container's network come after it. */
async function copiesOf(
  containers: Containers,
  project: string,
): Promise<{ readonly copy: InspectedContainer; readonly record: KeptRecord }[]> {
  const listed = await containers.list([`${keptProjectLabel}=${project}`]);
  const found = await Promise.all(
    listed.map(async ({ id, labels: own }) => ({
      copy: await containers.inspect(id),
      record: readKept(own),
    })),
  );
  return found
    .flatMap(({ copy, record }) => (copy === undefined || record === undefined ? [] : [{ copy, record }]))
    .sort((a, b) => joinedContainers(a.copy).length - joinedContainers(b.copy).length);
}

/** What holds data is given the time to close it; anything else would only prolong the outage. */
async function takeDown(containers: Containers, container: InspectedContainer): Promise<void> {
  const holdsData = container.Mounts.some((mount) => mount.RW && mount.Type !== 'tmpfs');
  if (container.State.Running) await containers.stop(container.Id, holdsData ? undefined : 1);
  // Of its anonymous volumes the engine removes only those that no original and no copy has.
  await containers.remove(container.Id, { volumes: true });
}

/** A new release may have built or pulled another image under the same name. */
async function pointImageBack(images: Images, name: string, id: string): Promise<void> {
  if (name === id || name.includes('@') || name.startsWith('sha256:')) return;
  const now = await images.find(name);
  if (now?.id !== id) await images.tag(id, name);
}
