import * as z from 'zod/mini';
import { type CloudflareClient, unreadable } from './api.ts';
import { apiPath } from './api-path.ts';
import { type Ensured, ensure } from './ensure.ts';
import { cloudflareCodeOf, cloudflareStatusOf } from './failure.ts';

export interface KvNamespace {
  readonly id: string;
  /** Unique in the account. */
  readonly title: string;
}

const namespace = z.object({ id: z.string(), title: z.string() });

/** The code of a title that is taken. */
const titleTaken = 10_014;

export async function* listNamespaces(client: CloudflareClient): AsyncGenerator<KvNamespace, void, void> {
  for await (const item of client.list(path(client), { pageSize: 1000 })) yield read(client, item);
}

/** @returns undefined when there is none of that title */
export async function findNamespace(
  client: CloudflareClient,
  title: string,
): Promise<KvNamespace | undefined> {
  for await (const found of listNamespaces(client)) {
    if (found.title === title) return found;
  }
  return undefined;
}

/** Makes sure that there is a namespace of that title; one that is there already is taken as it is. */
export async function ensureNamespace(
  client: CloudflareClient,
  title: string,
): Promise<Ensured<KvNamespace>> {
  return await ensure({
    find: () => findNamespace(client, title),
    make: async () => read(client, await client.request('POST', path(client), { body: { title } })),
    isTaken: (error) => cloudflareCodeOf(error) === titleTaken,
  });
}

/** @returns false when it was gone already */
export async function deleteNamespace(client: CloudflareClient, id: string): Promise<boolean> {
  try {
    await client.request('DELETE', `${path(client)}${apiPath`/${id}`}`);
    return true;
  } catch (error) {
    if (cloudflareStatusOf(error) === 404) return false;
    throw error;
  }
}

function path(client: CloudflareClient): string {
  return `${client.account}/storage/kv/namespaces`;
}

function read(client: CloudflareClient, item: unknown): KvNamespace {
  const parsed = namespace.safeParse(item);
  if (parsed.success) return parsed.data;
  throw unreadable(path(client), parsed.error);
}
