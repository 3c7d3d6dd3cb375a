import { findInstance } from '../../adapters/linode/instances.ts';
import type { Reporter } from '../reporter.ts';
import { type GpuAccess, openLinode } from './access.ts';
import { removeFirewallOf } from './firewall.ts';
import { removeMade } from './remove-made.ts';
import type { BegunGpu } from './request.ts';

/**
 * Sees to what a run that was ended has begun: deletes it where that was asked for, else says that it is there and costs.
 *
 * @returns how things stand, as a sentence
 */
export async function endCutOff(access: GpuAccess, begun: BegunGpu, reporter: Reporter): Promise<string> {
  const { label, onFailure } = begun;
  const client = openLinode(access, { retries: 7 });
  if (onFailure === 'delete') {
    const told = {
      deleted: `What the run had made, ${label}, is deleted.`,
      none: `The run had not made ${label}; nothing is left behind.`,
      other: `${label} is there, and this run did not make it; it is left alone.`,
    }[await removeMade(client, begun, access.looksMs)];
    reporter.info(told);
    return told;
  }
  const left = await findInstance(client, label);
  if (left === undefined) {
    await removeFirewallOf(client, label, undefined);
    const told = `The run had not made ${label}; nothing is left behind.`;
    reporter.info(told);
    return told;
  }
  const told = `${label} (${left.id}) is there and costs. The next run adopts it; "launch gpu delete --label ${label}" deletes it.`;
  reporter.warning(told);
  return told;
}
