import type { Containers, InspectedContainer } from '../../../adapters/engine/containers.ts';
import type { Networks } from '../../../adapters/engine/networks.ts';
import type { NetworkBefore } from '../../../core/deploy/journal.ts';
import { type Endpoints, isAttached } from '../../../core/deploy/kept-container.ts';

/**
 * Makes the networks of a project what they were. Containers of it that are in one that has changed are stopped and
 * taken out, as compose does it; `attach` puts them back.
 */
export async function putNetworksBack(
  containers: Containers,
  networks: Networks,
  project: string,
  before: readonly NetworkBefore[],
  staying: readonly InspectedContainer[],
): Promise<void> {
  for (const [name, id] of await networks.changed(project, before)) {
    for (const it of staying.filter((one) => one.NetworkSettings.Networks?.[name] !== undefined)) {
      if (it.State.Running) await containers.stop(it.Id, undefined);
      await containers.disconnect(name, it.Id);
    }
    // Where somebody else is in it, it stays as it is: the checks tell whether the release serves all the same.
    await networks.removeOne(id);
  }
  await networks.restore(project, before);
}

/**
 * Puts a container into the networks in which it was, under the names by which others reach it; true when it had to.
 *
 * `ids`: the networks of its project as they are now.
 */
export async function attach(
  containers: Containers,
  id: string,
  endpoints: Endpoints,
  ids: ReadonlyMap<string, string>,
): Promise<boolean> {
  const networks = (await containers.inspect(id))?.NetworkSettings.Networks ?? {};
  const lost = Object.entries(endpoints).filter(
    ([name, endpoint]) => !isAttached(networks[name], endpoint, ids.get(name)),
  );
  for (const [name, endpoint] of lost) {
    if (networks[name] !== undefined) await containers.disconnect(name, id);
    await containers.connect(name, id, endpoint);
  }
  return lost.length > 0;
}
