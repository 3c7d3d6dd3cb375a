import { listCurrent } from '../../adapters/state/list-current.ts';
import { parsePortRange } from '../../core/compose/port-range.ts';
import type { Owner } from '../../core/deploy/additions.ts';
import { assignedPort } from '../../core/deploy/assigned-port.ts';
import { LaunchError, type Place } from '../../core/errors.ts';
import type { Target } from '../../core/targets/target.ts';

/**
 * The service's port out of its target's range: the one it has, else one that no other service of this host has.
 *
 * @throws LaunchError CONFIG_INVALID when the range is used up
 */
export async function choosePort(
  stateRoot: string,
  owner: Owner,
  target: Target,
  place: Place,
): Promise<number | undefined> {
  const range = target.portRange === undefined ? undefined : parsePortRange(target.portRange);
  if (range === undefined) return undefined;
  const releases = await listCurrent(stateRoot);
  const isOwn = (it: Owner) =>
    it.service === owner.service && it.target === owner.target && it.repository === owner.repository;
  const known = releases.find(isOwn)?.port;
  if (known !== undefined && known >= range.first && known <= range.last) return known;
  const taken = new Set(releases.filter((it) => !isOwn(it)).flatMap(({ port }) => port ?? []));
  const port = assignedPort(range, owner, taken);
  if (port !== undefined) return port;
  throw new LaunchError('CONFIG_INVALID', `No port of ${target.portRange} is left on "${target.name}".`, {
    place,
    remedy: 'Widen `port-range` of the target in launch.yml.',
  });
}
