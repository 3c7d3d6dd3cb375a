import * as z from 'zod/mini';
import type { GpuInstance } from '../../core/gpu/instance.ts';
import { type LinodeClient, readResult } from './api.ts';
import { unlessGone } from './failure.ts';
import { timeOf } from './time.ts';

const instance = z.object({
  id: z.number(),
  label: z.string(),
  status: z.string(),
  type: z.nullable(z.string()),
  region: z.string(),
  image: z.optional(z.nullable(z.string())),
  ipv4: z.array(z.string()),
  tags: z.optional(z.array(z.string())),
  created: z.string(),
});

const path = '/linode/instances';

export async function listInstances(client: LinodeClient): Promise<GpuInstance[]> {
  return await collect(client.list(path));
}

/** @returns undefined when there is none of that label */
export async function findInstance(client: LinodeClient, label: string): Promise<GpuInstance | undefined> {
  const found = await collect(client.list(path, { label }));
  return found.find((it) => it.label === label);
}

/** @returns undefined when it is gone */
export async function readInstance(client: LinodeClient, id: number): Promise<GpuInstance | undefined> {
  return await unlessGone(client.request('GET', `${path}/${id}`).then(read));
}

/** One attempt only: what to do about an answer that was lost is the caller's to know. */
export async function createInstance(client: LinodeClient, body: object): Promise<GpuInstance> {
  return read(await client.request('POST', path, { body }));
}

/** @returns undefined when the instance is gone */
export async function setTags(
  client: LinodeClient,
  id: number,
  tags: readonly string[],
): Promise<GpuInstance | undefined> {
  return await unlessGone(client.request('PUT', `${path}/${id}`, { body: { tags } }).then(read));
}

/** @returns false when it was gone already */
export async function deleteInstance(client: LinodeClient, id: number): Promise<boolean> {
  return (await unlessGone(client.request('DELETE', `${path}/${id}`).then(() => true))) === true;
}

async function collect(items: AsyncIterable<unknown>): Promise<GpuInstance[]> {
  const found: GpuInstance[] = [];
  for await (const item of items) found.push(read(item));
  return found;
}

function read(item: unknown): GpuInstance {
  const { id, label, status, type, region, image, ipv4, tags, created } = readResult(instance, item, path);
  return {
    id,
    label,
    status,
    region,
    type: type ?? '',
    image: image ?? null,
    ipv4: ipv4[0],
    tags: tags ?? [],
    createdAt: timeOf(created),
  };
}

/** Boots one that is powered off. */
export async function bootInstance(client: LinodeClient, id: number): Promise<void> {
  await client.request('POST', `${path}/${id}/boot`, { body: {} });
}
