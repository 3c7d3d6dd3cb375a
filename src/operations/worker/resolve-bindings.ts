import {
  type BindingChanges,
  type BoundResource,
  boundResources,
  type FoundResource,
  missingResources,
  withResources,
} from '../../core/cloudflare/bindings.ts';
import { type WranglerConfig, workerSettings } from '../../core/cloudflare/wrangler-config.ts';
import { hasAny } from '../../core/problem.ts';

/** Asks one account for what has a name. Every answer is for exactly that name; undefined when it is not there. */
export interface ResourceLookups {
  /** The id of the D1 database. */
  databaseId(name: string): Promise<string | undefined>;
  /** The id of the KV namespace. */
  namespaceId(title: string): Promise<string | undefined>;
  hasBucket(name: string, jurisdiction: string | undefined): Promise<boolean>;
}

export interface ResolvedBindings {
  /** The configuration with every id in it, to be handed to wrangler as JSON. */
  readonly config: Record<string, unknown>;
  readonly resources: readonly FoundResource[];
}

/**
 * The worker's configuration with the ids of everything that it is bound to, found by name in the account: a
 * repository holds names, and the account is the one place of the ids. Ids that are written stay. Makes nothing.
 *
 * @throws LaunchError CONFIG_INVALID that lists all that is missing, each with the command that makes it.
 */
export async function resolveBindings(
  config: WranglerConfig,
  environment: string | undefined,
  lookups: ResourceLookups,
  changes: BindingChanges = {},
): Promise<ResolvedBindings> {
  const wanted = boundResources(workerSettings(config, environment), changes);
  const looked = await Promise.all(
    wanted.map(async (resource) => ({ resource, id: await idOf(resource, lookups) })),
  );
  const missing = looked.flatMap(({ resource, id }) => (id === undefined ? [resource] : []));
  if (hasAny(missing)) throw missingResources(config, missing);
  const resources = looked.map(({ resource, id }): FoundResource => ({ ...resource, id: id ?? '' }));
  return { config: withResources(config, environment, resources, changes), resources };
}

async function idOf(resource: BoundResource, lookups: ResourceLookups): Promise<string | undefined> {
  const { kind, name, id, jurisdiction } = resource;
  if (id !== undefined) return id;
  switch (kind) {
    case 'd1':
      return await lookups.databaseId(name);
    case 'kv':
      return await lookups.namespaceId(name);
    case 'r2':
      return (await lookups.hasBucket(name, jurisdiction)) ? name : undefined;
  }
}
