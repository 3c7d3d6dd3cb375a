import { callerAddress } from '../../adapters/http/caller-address.ts';
import type { LinodeClient } from '../../adapters/linode/api.ts';
import {
  attachFirewall,
  deleteFirewall,
  ensureFirewall,
  findFirewall,
  firewallsOf,
  isInUse,
  setRules,
} from '../../adapters/linode/firewalls.ts';
import { LaunchError } from '../../core/errors.ts';
import { allowedNetworks, type Firewall, isMadeFor, rulesFor, sameRules } from '../../core/gpu/firewall.ts';
import type { GpuInstance } from '../../core/gpu/instance.ts';
import { firewallLabel } from '../../core/gpu/labels.ts';
import {
  allNetworks,
  includesAddress,
  type Networks,
  parseNetworks,
  wideNetworks,
} from '../../core/gpu/networks.ts';
import type { EnsureSession } from './session.ts';

/** From where the instance may be reached: what was said, and this machine's own address where that is meant. */
export async function chooseNetworks(session: EnsureSession): Promise<Networks> {
  const { request, warn, reporter } = session;
  const { networks, caller } = request.firewall;
  const wide = wideNetworks(networks);
  if (wide.length > 0) {
    warn(
      `The firewall lets in ${wide.join(', ')}: everybody there can try the chat, the API and SSH. Name your own addresses where you can.`,
    );
  }
  if (!caller) {
    await warnOfLockOut(session, networks);
    return networks;
  }
  const address = await addressHere(session);
  const others = allNetworks(networks);
  reporter.info(
    `The firewall lets in ${address}, the address of this machine, and ${others.length === 0 ? 'nobody else' : others.join(', ')}.`,
  );
  return parseNetworks([...others, address], "This machine's address");
}

async function addressHere({ request }: EnsureSession): Promise<string> {
  return await callerAddress(request.hostEnv['LAUNCH_ADDRESS_URL'] || undefined, request.signal);
}

/** Services are waited for from here; where that can't be, people should not wait to learn it. */
async function warnOfLockOut(session: EnsureSession, networks: Networks): Promise<void> {
  if (session.request.waitFor !== 'services') return;
  try {
    const address = await addressHere(session);
    if (includesAddress(networks, address)) return;
    session.warn(
      `This machine, ${address}, is not among the addresses of the firewall: it will not see the services come up. Add "caller" to the addresses, or wait for "running" only.`,
    );
  } catch (error) {
    // It may be let in all the same.
    session.reporter.debug(error instanceof Error ? error.message : String(error));
  }
}

/** The firewall for an instance that is about to be made, with these rules. @returns its id */
export async function ensureFirewallFor(session: EnsureSession, networks: Networks): Promise<number> {
  const { client, request, reporter } = session;
  const rules = rulesFor(request.label, networks);
  const label = firewallLabel(request.label);
  const { resource, made } = await ensureFirewall(client, label, rules);
  if (made) {
    reporter.info(`The firewall ${label} is made: ${resource.id}.`);
    return resource.id;
  }
  // Left by a run that was cut off; or somebody's own, which is not touched.
  assertOurs(resource, request.label);
  if (!sameRules(resource.rules, rules)) await setRules(client, resource.id, rules);
  return resource.id;
}

function assertOurs(firewall: Firewall, instance: string): void {
  if (isMadeFor(firewall, instance)) return;
  throw new LaunchError(
    'CONFIG_INVALID',
    `There is a firewall ${firewall.label} (${firewall.id}) that Launch did not make.`,
    { remedy: 'It is left alone. Rename it, or give the instance another label.' },
  );
}

/** Brings the firewall of an instance that was there to what this run says, where it is Launch's. */
export async function convergeFirewall(
  session: EnsureSession,
  instance: GpuInstance,
  isOurs: boolean,
  networks: Networks,
): Promise<void> {
  const { client, request, reporter, warn } = session;
  const before = await firewallsOf(client, instance.id);
  const own = before.find((it) => isMadeFor(it, instance.label));
  const rules = rulesFor(instance.label, networks);
  if (own !== undefined) {
    if (sameRules(own.rules, rules)) return;
    const [was, now] = [allowedNetworks(own.rules).join(', '), allNetworks(networks).join(', ')];
    if (!request.dryRun) await setRules(client, own.id, rules);
    reporter.info(
      `The firewall ${own.label} let in ${was}; it ${request.dryRun ? 'would let' : 'lets'} in ${now}.`,
    );
    return;
  }
  if (before.length > 0 || !isOurs) {
    const names = before.map(({ label }) => label).join(', ');
    warn(
      `${before.length === 0 ? 'No firewall stands' : `The firewall ${names}, which Launch did not make, stands`} before ${instance.label}; it is left so.`,
    );
    return;
  }
  warn(`The firewall of ${instance.label} is gone; it ${request.dryRun ? 'would be' : 'is'} made again.`);
  if (!request.dryRun) await attachFirewall(client, await ensureFirewallFor(session, networks), instance.id);
}

/**
 * Deletes the firewall that Launch made for an instance of that label. One that something stands behind is left: a run
 * may have made the next instance of that label meanwhile. `gone`: an instance that was deleted, though the firewall may
 * still list it.
 *
 * @returns the label of what was deleted
 */
export async function removeFirewallOf(
  client: LinodeClient,
  label: string,
  gone: number | undefined,
): Promise<string | undefined> {
  const found = await findFirewall(client, firewallLabel(label));
  if (found === undefined || !isMadeFor(found, label)) return undefined;
  if (await isInUse(client, found.id, gone)) return undefined;
  return (await deleteFirewall(client, found.id)) ? found.label : undefined;
}
