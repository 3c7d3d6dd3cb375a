import type { BindingOverrides } from '../../core/cloudflare/binding-overrides.ts';
import {
  type BoundResource,
  bindingsTo,
  boundResources,
  missingResources,
} from '../../core/cloudflare/bindings.ts';
import type { WorkerSettings, WranglerConfig } from '../../core/cloudflare/wrangler-config.ts';
import { hasAny } from '../../core/problem.ts';

/** Asks one account: a database's or namespace's id, a bucket's name; undefined when nothing is called so. */
export interface ResourceLookup {
  find(resource: Pick<BoundResource, 'kind' | 'name'>): Promise<string | undefined>;
}

export interface BindingsAsked {
  readonly config: WranglerConfig;
  readonly settings: WorkerSettings;
  /** Under which it is deployed. */
  readonly name: string;
  /** What bindings lead to whatever the configuration says. */
  readonly given: BindingOverrides | undefined;
}

/**
 * What the worker's bindings lead to, where the configuration has names and no ids: a repository holds names, and the
 * account is the one place of the ids. Makes nothing. Gives back what was given when that leaves nothing open.
 *
 * @throws LaunchError CONFIG_INVALID that lists all that is missing, each with the command that makes it
 */
export async function resolveBindings(
  { config, settings, name, given }: BindingsAsked,
  account: ResourceLookup,
): Promise<BindingOverrides | undefined> {
  const wanted = boundResources(settings, name, given);
  const looked = await Promise.all(
    wanted.map(async (resource) => ({ ...resource, id: await account.find(resource) })),
  );
  const missing = looked.filter(({ id }) => id === undefined);
  if (hasAny(missing)) throw missingResources(config, missing);
  return bindingsTo(
    looked.map((resource) => ({ ...resource, id: resource.id ?? '' })),
    given,
  );
}
