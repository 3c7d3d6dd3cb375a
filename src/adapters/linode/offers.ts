import * as z from 'zod/mini';
import { LaunchError } from '../../core/errors.ts';
import type { Availability, MachineType, Region } from '../../core/gpu/offer.ts';
import { type LinodeClient, readResult } from './api.ts';

const price = z.nullish(z.number());
const machineType = z.object({
  id: z.string(),
  label: z.string(),
  class: z.string(),
  gpus: z._default(z.number(), 0),
  price: z.object({ hourly: price }),
  region_prices: z.optional(z.array(z.object({ id: z.string(), hourly: price }))),
});
const region = z.object({
  id: z.string(),
  label: z._default(z.string(), ''),
  capabilities: z._default(z.array(z.string()), []),
  status: z._default(z.string(), 'ok'),
});
const availability = z.object({ region: z.string(), plan: z.string(), available: z.boolean() });

export async function listTypes(client: LinodeClient): Promise<MachineType[]> {
  const types = await all(client, '/linode/types', machineType);
  return types.map((it) => ({
    id: it.id,
    label: it.label,
    class: it.class,
    gpus: it.gpus,
    hourly: it.price.hourly ?? null,
    regionHourly: new Map((it.region_prices ?? []).map(({ id, hourly }) => [id, hourly ?? null])),
  }));
}

/** For prices that are only shown: none where Linode does not tell them, since nothing may have to wait for those. */
export async function listTypesIfTold(client: LinodeClient): Promise<MachineType[]> {
  try {
    return await listTypes(client);
  } catch (error) {
    if (error instanceof LaunchError && error.code !== 'CANCELLED') return [];
    throw error;
  }
}

export async function listRegions(client: LinodeClient): Promise<Region[]> {
  const regions = await all(client, '/regions', region);
  return regions.map(({ status, ...rest }) => ({ ...rest, isOk: status === 'ok' }));
}

export async function listAvailability(client: LinodeClient): Promise<Availability[]> {
  const rows = await all(client, '/regions/availability', availability);
  return rows.map(({ plan, ...rest }) => ({ ...rest, type: plan }));
}

async function all<Schema extends z.ZodMiniType>(
  client: LinodeClient,
  path: string,
  schema: Schema,
): Promise<z.output<Schema>[]> {
  const items: z.output<Schema>[] = [];
  for await (const item of client.list(path)) items.push(readResult(schema, item, path));
  return items;
}
