import * as z from 'zod/mini';
import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';
import { type CloudflareClient, unreadable } from './api.ts';
import { pathPart } from './api-path.ts';
import { type Ensured, ensure } from './ensure.ts';
import { cloudflareCodeOf, cloudflareStatusOf } from './failure.ts';

export interface Bucket {
  /** Unique in the account; buckets have no other id. */
  readonly name: string;
}

const bucket = z.object({ name: z.string() });
const object = z.object({ key: z.string() });

/** The code of a name that is taken (as documented; what the real API answers was not tried). */
const nameTaken = 10_004;
const notEmpty = 10_008;

export async function* listBuckets(client: CloudflareClient): AsyncGenerator<Bucket, void, void> {
  for await (const item of client.listByCursor(path(client), { key: 'buckets', pageSize: 1000 })) {
    yield read(client, item);
  }
}

/** @returns undefined when there is none of that name */
export async function findBucket(client: CloudflareClient, name: string): Promise<Bucket | undefined> {
  try {
    return read(client, await client.request('GET', of(client, name)));
  } catch (error) {
    if (cloudflareStatusOf(error) === 404) return undefined;
    throw error;
  }
}

/** Makes sure that there is a bucket of that name; one that is there already is taken as it is. */
export async function ensureBucket(client: CloudflareClient, name: string): Promise<Ensured<Bucket>> {
  return await ensure({
    find: () => findBucket(client, name),
    make: async () => read(client, await client.request('POST', path(client), { body: { name } })),
    isTaken: (error) => cloudflareCodeOf(error) === nameTaken,
  });
}

/**
 * Deletes a bucket with all that is in it.
 *
 * @returns how many objects were deleted with it; undefined when the bucket was gone already
 * @throws LaunchError API_ERROR also for an object whose key no address can hold, as `../x`
 */
export async function deleteBucket(client: CloudflareClient, name: string): Promise<number | undefined> {
  let deleted = 0;
  for (;;) {
    try {
      await client.request('DELETE', of(client, name));
      return deleted;
    } catch (error) {
      if (cloudflareStatusOf(error) === 404) return undefined;
      if (cloudflareCodeOf(error) !== notEmpty) throw error;
    }
    const now = await deleteObjects(client, name);
    deleted += now;
    if (now === 0) {
      throw new LaunchError(
        'API_ERROR',
        `The bucket "${printable(name)}" is not empty, but lists no objects.`,
        {
          remedy: 'It may hold unfinished uploads; empty it in the dashboard, then run it again.',
        },
      );
    }
  }
}

/** So many at a time; the API has no call for many. */
const atOnce = 8;

/** @returns how many there were */
async function deleteObjects(client: CloudflareClient, name: string): Promise<number> {
  const keys: string[] = [];
  for await (const item of client.listByCursor(`${of(client, name)}/objects`, { pageSize: 1000 })) {
    const parsed = object.safeParse(item);
    if (!parsed.success) throw unreadable(`${of(client, name)}/objects`, parsed.error);
    keys.push(parsed.data.key);
  }
  const rest = keys.values();
  const work = async (): Promise<void> => {
    for (const key of rest) {
      await client.request('DELETE', `${of(client, name)}/objects/${keyPath(name, key)}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return keys.length;
}

/** The slashes of a key stay as they are; Cloudflare does not take them encoded. */
function keyPath(bucketName: string, key: string): string {
  const parts = key.split('/');
  if (parts.some((part) => part === '.' || part === '..')) {
    throw new LaunchError(
      'API_ERROR',
      `The object "${printable(key)}" of the bucket "${printable(bucketName)}" can't be addressed.`,
      { remedy: "Delete it through R2's S3 API, then run it again." },
    );
  }
  return parts.map((part) => encodeURIComponent(part)).join('/');
}

function path(client: CloudflareClient): string {
  return `${client.account}/r2/buckets`;
}

function of(client: CloudflareClient, name: string): string {
  return `${path(client)}/${pathPart(name)}`;
}

function read(client: CloudflareClient, item: unknown): Bucket {
  const parsed = bucket.safeParse(item);
  if (parsed.success) return parsed.data;
  throw unreadable(path(client), parsed.error);
}
