import type { LinodeClient } from '../../adapters/linode/api.ts';
import { firewallsOf } from '../../adapters/linode/firewalls.ts';
import { deleteInstance, findInstance, readInstance } from '../../adapters/linode/instances.ts';
import { pause } from '../../adapters/process/pause.ts';
import { isMadeFor } from '../../core/gpu/firewall.ts';
import { type GpuInstance, isGoing } from '../../core/gpu/instance.ts';
import { hasLaunchTag, isOfRun } from '../../core/gpu/tags.ts';
import { usualLooksMs } from './access.ts';
import { removeFirewallOf } from './firewall.ts';
import type { BegunGpu } from './request.ts';

/** `none`: it had not come to an instance, or that is gone; `other`: the one of that label is not this run's. */
export type Removal = 'deleted' | 'none' | 'other';

/** Deletes what a run has begun, and nothing that was there before or that somebody else has made meanwhile. */
export async function removeMade(
  client: LinodeClient,
  begun: BegunGpu,
  looksMs: readonly number[] = usualLooksMs,
): Promise<Removal> {
  let found: GpuInstance | undefined;
  if (begun.id !== undefined) {
    // Whatever it is called by now.
    found = await readInstance(client, begun.id);
  } else {
    // A create whose answer was never read may be carried out a moment later.
    for (const before of looksMs) {
      if (before > 0) await pause(before, undefined);
      found = await findInstance(client, begun.label);
      if (found !== undefined) break;
    }
  }
  if (found === undefined) {
    await removeFirewallOf(client, begun.label, undefined);
    return 'none';
  }
  if (!(await isOfBegun(client, found, begun))) return 'other';
  const isGone = isGoing(found);
  if (!isGone) await deleteInstance(client, found.id);
  await removeFirewallOf(client, begun.label, found.id);
  return isGone ? 'none' : 'deleted';
}

/** Clocks of two machines, and the part of a second that the API leaves away. */
const toleranceMs = 10_000;

async function isOfBegun(client: LinodeClient, found: GpuInstance, begun: BegunGpu): Promise<boolean> {
  if (found.id === begun.id || isOfRun(found.tags, begun.run)) return true;
  // A user who may not set tags: then it is the firewall that tells, and the time.
  if (hasLaunchTag(found.tags) || found.createdAt < begun.since - toleranceMs) return false;
  return (await firewallsOf(client, found.id)).some((it) => isMadeFor(it, found.label));
}
