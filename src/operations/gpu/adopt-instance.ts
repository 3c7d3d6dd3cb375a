import { isRestricted } from '../../adapters/linode/account.ts';
import { firewallsOf } from '../../adapters/linode/firewalls.ts';
import { bootInstance, setTags } from '../../adapters/linode/instances.ts';
import { LaunchError } from '../../core/errors.ts';
import { isMadeFor } from '../../core/gpu/firewall.ts';
import { unfitness } from '../../core/gpu/fit.ts';
import type { GpuInstance } from '../../core/gpu/instance.ts';
import { formatHourly, hourlyPrice } from '../../core/gpu/offer.ts';
import { deletionTime, hasLaunchTag, launchTag, withDeletionTime } from '../../core/gpu/tags.ts';
import { formatDistance } from '../../core/gpu/time-to-live.ts';
import { chooseNetworks, convergeFirewall } from './firewall.ts';
import { mayNotTag } from './make-instance.ts';
import type { EnsureSession } from './session.ts';

/**
 * Takes an instance that is there as the one that is asked for. Undefined: it was deleted meanwhile.
 *
 * @throws LaunchError CONFIG_INVALID for one that is not Launch's and does not fit or would get a time to live, and for one
 * that costs more than it may
 */
export async function adoptInstance(
  session: EnsureSession,
  instance: GpuInstance,
): Promise<GpuInstance | undefined> {
  const { request, client, reporter, warn } = session;
  const isOurs =
    hasLaunchTag(instance.tags) ||
    (await firewallsOf(client, instance.id)).some((it) => isMadeFor(it, instance.label));
  assertFits(session, instance, isOurs);
  assertAffordable(session, instance);
  if (!isOurs && request.ttlMs !== undefined) throw notOursToEnd(instance);
  if (request.ttlMs !== undefined && (await isRestricted(client)) === true) throw mayNotTag();
  reporter.info(
    `${instance.label} is there already: ${instance.id}, ${instance.status}, in ${instance.region}.`,
  );

  const networks = await chooseNetworks(session);
  const renewed = await renew(session, instance);
  if (renewed === undefined) return undefined;
  await convergeFirewall(session, renewed, isOurs, networks);
  if (renewed.status === 'offline' && !request.dryRun) {
    warn(`${instance.label} was powered off, which costs the same; it is booted.`);
    await bootInstance(client, instance.id);
  }
  return renewed;
}

function assertFits({ request, warn }: EnsureSession, instance: GpuInstance, isOurs: boolean): void {
  const unfit = unfitness(instance, request);
  const who = `${instance.label} (${instance.id})`;
  if (!isOurs && unfit.length > 0) {
    throw new LaunchError(
      'CONFIG_INVALID',
      `There is an instance ${who} that Launch did not make, and it is not what is asked for: ${unfit.join('; ')}.`,
      { remedy: 'It is left alone. Take another label.' },
    );
  }
  if (!isOurs) warn(`Launch did not make ${who}; it fits, and is taken as it is.`);
  else if (unfit.length > 0) {
    warn(`${who} is not what is asked for: ${unfit.join('; ')}. Delete it first to get another.`);
  }
}

/** A time to live would have `reap` delete what somebody made by hand, with all that is on it. */
function notOursToEnd({ label, id }: GpuInstance): LaunchError {
  return new LaunchError(
    'CONFIG_INVALID',
    `There is an instance ${label} (${id}) that Launch did not make; it gets no time to live, by which it would be deleted.`,
    {
      remedy: `It is left alone. Take another label, or leave \`ttl\` out to take it as it is. If it may be deleted, give it the tag "${launchTag}" at Linode.`,
    },
  );
}

function assertAffordable({ request, offers }: EnsureSession, instance: GpuInstance): void {
  const { maxHourlyCost } = request;
  const type = offers.types.find(({ id }) => id === instance.type);
  const hourly = type === undefined ? undefined : hourlyPrice(type, instance.region);
  if (maxHourlyCost === undefined || (hourly !== undefined && hourly <= maxHourlyCost)) return;
  throw new LaunchError(
    'CONFIG_INVALID',
    `${instance.label} (${instance.id}) is there and costs ${formatHourly(hourly)}, more than ${formatHourly(maxHourlyCost)}.`,
    {
      remedy: `It is left as it is and goes on costing. Delete it (launch gpu delete --label ${instance.label}), or allow a higher hourly cost.`,
    },
  );
}

/** Gives it the time to live that this run says, from now on; without one what stands, stands. */
async function renew(session: EnsureSession, instance: GpuInstance): Promise<GpuInstance | undefined> {
  const { request, client, reporter, warn } = session;
  const now = client.now();
  const before = deletionTime(instance.tags);
  if (request.ttlMs === undefined) {
    if (before.kind === 'at') {
      warn(
        `${instance.label} is to be deleted ${formatDistance(before.ms - now)}, as an earlier run said; give \`ttl\` to renew that.`,
      );
    } else warn(`${instance.label} has no time to live: it costs until somebody deletes it. Give \`ttl\`.`);
    return instance;
  }
  const told = `${before.kind === 'at' ? `, not ${formatDistance(before.ms - now)}` : ''}`;
  reporter.info(
    `${instance.label} ${request.dryRun ? 'would be' : 'is'} to be deleted ${formatDistance(request.ttlMs)}${told}.`,
  );
  if (request.dryRun) return instance;
  const tags = [...new Set([...withDeletionTime(instance.tags, now + request.ttlMs), ...request.tags])];
  return await setTags(client, instance.id, tags);
}
