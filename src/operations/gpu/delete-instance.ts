import { firewallsOf } from '../../adapters/linode/firewalls.ts';
import { deleteInstance, findInstance, readInstance } from '../../adapters/linode/instances.ts';
import { listTypesIfTold } from '../../adapters/linode/offers.ts';
import { LaunchError } from '../../core/errors.ts';
import { isMadeFor } from '../../core/gpu/firewall.ts';
import { type GpuInstance, isGoing } from '../../core/gpu/instance.ts';
import { formatCost } from '../../core/gpu/offer.ts';
import { type GpuResult, plainResult, showInstance } from '../../core/gpu/result.ts';
import { hasLaunchTag } from '../../core/gpu/tags.ts';
import { printable } from '../../core/names.ts';
import type { Reporter } from '../reporter.ts';
import { type GpuAccess, openLinode } from './access.ts';
import { removeFirewallOf } from './firewall.ts';

export interface GpuDeleteRequest extends GpuAccess {
  /** One of them; both for an instance that Launch did not make. */
  readonly label: string | undefined;
  readonly id: number | undefined;
  readonly dryRun: boolean;
}

/**
 * Deletes an instance and the firewall that Launch made for it; fine when they are gone already.
 *
 * @throws LaunchError CONFIG_INVALID for an instance that Launch did not make, unless both label and id name it
 */
export async function deleteGpu(request: GpuDeleteRequest, reporter: Reporter): Promise<GpuResult> {
  const began = performance.now();
  const { label, id, dryRun } = request;
  if (label === undefined && id === undefined) {
    throw new LaunchError('CONFIG_INVALID', 'It is not said which instance is to be deleted.', {
      remedy: 'Give its label or its id. Nothing has been deleted.',
    });
  }
  // An instance that is at work at something refuses for a while.
  const client = openLinode(request, { retries: 7 });
  const found = id === undefined ? await findInstance(client, label ?? '') : await readInstance(client, id);
  const took = () => ({ durationMs: Math.round(performance.now() - began) });
  if (found === undefined) {
    // An earlier run may have been ended between the two.
    const firewall =
      label === undefined || dryRun ? undefined : await removeFirewallOf(client, label, undefined);
    const notices = firewall === undefined ? [] : [`The firewall ${firewall} is deleted.`];
    return plainResult('delete', 'absent', { notices, ...took() });
  }
  await assertMeant(request, found, async () =>
    (await firewallsOf(client, found.id)).some((it) => isMadeFor(it, found.label)),
  );
  const shown = showInstance(found, await listTypesIfTold(client), client.now());
  if (dryRun) return plainResult('delete', 'planned', { instance: shown, ...took() });

  if (!isGoing(found)) await deleteInstance(client, found.id);
  reporter.info(`${found.label} (${found.id}) is deleted.`);
  const firewall = await removeFirewallOf(client, found.label, found.id);
  const notices = [
    ...(firewall === undefined ? [] : [`The firewall ${firewall} is deleted.`]),
    ...(shown.costSoFar === null ? [] : [`It has cost about ${formatCost(shown.costSoFar)}.`]),
  ];
  return plainResult('delete', 'deleted', { instance: shown, notices, ...took() });
}

async function assertMeant(
  { label, id }: GpuDeleteRequest,
  found: GpuInstance,
  hasOurFirewall: () => Promise<boolean>,
): Promise<void> {
  if (label !== undefined && found.label !== label) {
    throw new LaunchError(
      'CONFIG_INVALID',
      `The instance ${found.id} is called "${printable(found.label, 80)}", not "${printable(label, 80)}".`,
      { remedy: 'Nothing has been deleted. Check which one is meant.' },
    );
  }
  if ((label !== undefined && id !== undefined) || hasLaunchTag(found.tags) || (await hasOurFirewall()))
    return;
  throw new LaunchError(
    'CONFIG_INVALID',
    `Launch did not make ${printable(found.label, 80)} (${found.id}).`,
    {
      remedy: 'Nothing has been deleted. To delete it all the same, give its label and its id, both.',
    },
  );
}
