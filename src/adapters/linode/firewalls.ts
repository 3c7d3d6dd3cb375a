import * as z from 'zod/mini';
import type { Firewall, FirewallRules } from '../../core/gpu/firewall.ts';
import { type Ensured, ensureOne } from '../http/ensure.ts';
import { type LinodeClient, readResult } from './api.ts';
import { isAmbiguous, isLabelTaken, linodeStatusOf, unlessGone } from './failure.ts';
import { timeOf } from './time.ts';

const rule = z.object({
  action: z.string(),
  protocol: z.string(),
  ports: z.optional(z.nullable(z.string())),
  addresses: z.optional(
    z.nullable(
      z.object({
        ipv4: z.optional(z.nullable(z.array(z.string()))),
        ipv6: z.optional(z.nullable(z.array(z.string()))),
      }),
    ),
  ),
  label: z.optional(z.nullable(z.string())),
  description: z.optional(z.nullable(z.string())),
});

const firewall = z.object({
  id: z.number(),
  label: z.string(),
  created: z.string(),
  rules: z.object({
    inbound: z.optional(z.array(rule)),
    inbound_policy: z.string(),
    outbound: z.optional(z.array(rule)),
    outbound_policy: z.string(),
  }),
});

const device = z.object({ entity: z.object({ id: z.number(), type: z.string() }) });

const path = '/networking/firewalls';

export async function listFirewalls(client: LinodeClient): Promise<Firewall[]> {
  return await collect(client.list(path), path);
}

/** @returns undefined when there is none of that label */
export async function findFirewall(client: LinodeClient, label: string): Promise<Firewall | undefined> {
  const found = await collect(client.list(path, { label }), path);
  return found.find((it) => it.label === label);
}

/** The firewalls before an instance; none when it is gone. */
export async function firewallsOf(client: LinodeClient, instanceId: number): Promise<Firewall[]> {
  const of = `/linode/instances/${instanceId}/firewalls`;
  try {
    return await collect(client.list(of), of);
  } catch (error) {
    if (linodeStatusOf(error) === 404) return [];
    throw error;
  }
}

/** Makes sure that there is a firewall of that label; one that is there is taken as it is. */
export async function ensureFirewall(
  client: LinodeClient,
  label: string,
  rules: FirewallRules,
): Promise<Ensured<Firewall>> {
  return await ensureOne(
    {
      find: () => findFirewall(client, label),
      make: async () => read(await client.request('POST', path, { body: { label, rules } }), path),
      isTaken: isLabelTaken,
    },
    isAmbiguous,
  );
}

export async function setRules(client: LinodeClient, id: number, rules: FirewallRules): Promise<void> {
  await client.request('PUT', `${path}/${id}/rules`, { body: rules });
}

/** Puts the firewall before an instance. */
export async function attachFirewall(client: LinodeClient, id: number, instanceId: number): Promise<void> {
  await client.request('POST', `${path}/${id}/devices`, { body: { id: instanceId, type: 'linode' } });
}

/** Whether anything stands behind the firewall; `gone`: but for an instance that may still be listed. */
export async function isInUse(client: LinodeClient, id: number, gone?: number): Promise<boolean> {
  const of = `${path}/${id}/devices`;
  for await (const item of client.list(of)) {
    const { entity } = readResult(device, item, of);
    if (entity.type !== 'linode' || entity.id !== gone) return true;
  }
  return false;
}

/** @returns false when it was gone already */
export async function deleteFirewall(client: LinodeClient, id: number): Promise<boolean> {
  return (await unlessGone(client.request('DELETE', `${path}/${id}`).then(() => true))) === true;
}

async function collect(items: AsyncIterable<unknown>, of: string): Promise<Firewall[]> {
  const found: Firewall[] = [];
  for await (const item of items) found.push(read(item, of));
  return found;
}

function read(item: unknown, of: string): Firewall {
  const { id, label, created, rules } = readResult(firewall, item, of);
  return {
    id,
    label,
    createdAt: timeOf(created),
    rules: {
      inbound: (rules.inbound ?? []).map(readRule),
      inbound_policy: rules.inbound_policy,
      outbound: (rules.outbound ?? []).map(readRule),
      outbound_policy: rules.outbound_policy,
    },
  };
}

/** Null and not there are the same. */
function readRule({ action, protocol, ports, addresses, label, description }: z.infer<typeof rule>) {
  return {
    action,
    protocol,
    ...(ports == null ? {} : { ports }),
    addresses: {
      ...(addresses?.ipv4 == null ? {} : { ipv4: addresses.ipv4 }),
      ...(addresses?.ipv6 == null ? {} : { ipv6: addresses.ipv6 }),
    },
    ...(label == null ? {} : { label }),
    ...(description == null ? {} : { description }),
  };
}
