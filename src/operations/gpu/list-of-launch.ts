import type { LinodeClient } from '../../adapters/linode/api.ts';
import { listFirewalls } from '../../adapters/linode/firewalls.ts';
import { listInstances } from '../../adapters/linode/instances.ts';
import { isMadeFor } from '../../core/gpu/firewall.ts';
import type { GpuInstance } from '../../core/gpu/instance.ts';
import { hasLaunchTag } from '../../core/gpu/tags.ts';

/** Every instance of the account that Launch made: by its tags, or by its firewall where no tags could be set. */
export async function listOfLaunch(client: LinodeClient): Promise<GpuInstance[]> {
  const [instances, firewalls] = await Promise.all([listInstances(client), listFirewalls(client)]);
  return instances.filter(
    ({ tags, label }) => hasLaunchTag(tags) || firewalls.some((it) => isMadeFor(it, label)),
  );
}
