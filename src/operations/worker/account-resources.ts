import type { CloudflareClient } from '../../adapters/cloudflare/api.ts';
import { ensureDatabase, findDatabase } from '../../adapters/cloudflare/d1.ts';
import { ensureNamespace, listNamespaces } from '../../adapters/cloudflare/kv.ts';
import { ensureBucket, findBucket } from '../../adapters/cloudflare/r2.ts';
import { listWorkers } from '../../adapters/cloudflare/workers.ts';
import type { BoundResource } from '../../core/cloudflare/bindings.ts';

/**
 * What an account has, by name. What was found once is not looked for again, and lists are read once, however many
 * workers are looked at: an account may make 1,200 requests in five minutes.
 */
export interface AccountResources {
  readonly client: CloudflareClient;
  /** A database's or namespace's id, a bucket's name; undefined when it is not there. */
  find(resource: ResourceName): Promise<string | undefined>;
  /** The same, made where it was not there. */
  ensure(resource: ResourceName): Promise<string>;
  hasWorker(name: string): Promise<boolean>;
  /** Facts that were found and stay true, such as that a database has all migrations. */
  readonly facts: Set<string>;
}

export type ResourceName = Pick<BoundResource, 'kind' | 'name'>;

export function accountResources(client: CloudflareClient): AccountResources {
  const databases = new Map<string, string>();
  const buckets = new Set<string>();
  let namespaces: Promise<Map<string, string>> | undefined;
  let workers: Promise<ReadonlySet<string>> | undefined;

  const namespacesNow = async (): Promise<Map<string, string>> => {
    namespaces ??= (async () => {
      const ids = new Map<string, string>();
      for await (const { title, id } of listNamespaces(client)) ids.set(title, id);
      return ids;
    })();
    try {
      return await namespaces;
    } catch (error) {
      namespaces = undefined;
      throw error;
    }
  };
  return {
    client,
    facts: new Set(),
    async find({ kind, name }) {
      switch (kind) {
        case 'd1': {
          const id = databases.get(name) ?? (await findDatabase(client, name))?.id;
          if (id !== undefined) databases.set(name, id);
          return id;
        }
        case 'kv':
          return (await namespacesNow()).get(name);
        case 'r2': {
          const found = buckets.has(name) || (await findBucket(client, name)) !== undefined;
          if (found) buckets.add(name);
          return found ? name : undefined;
        }
      }
    },
    async ensure(resource) {
      const { kind, name } = resource;
      const found = await this.find(resource);
      if (found !== undefined) return found;
      switch (kind) {
        case 'd1': {
          const { id } = (await ensureDatabase(client, name)).resource;
          databases.set(name, id);
          return id;
        }
        case 'kv': {
          const { id } = (await ensureNamespace(client, name)).resource;
          (await namespacesNow()).set(name, id);
          return id;
        }
        case 'r2':
          await ensureBucket(client, name);
          buckets.add(name);
          return name;
      }
    },
    async hasWorker(name) {
      workers ??= listWorkers(client).then((names) => new Set(names));
      try {
        return (await workers).has(name);
      } catch (error) {
        workers = undefined;
        throw error;
      }
    },
  };
}
