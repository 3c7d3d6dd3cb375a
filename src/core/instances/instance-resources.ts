import type { BindingOverrides } from '../cloudflare/binding-overrides.ts';
import type { ResourceKind } from '../cloudflare/bindings.ts';
import { defaultResourceName } from '../cloudflare/worker-name.ts';
import { LaunchError } from '../errors.ts';
import type { Instance } from './instance.ts';
import { derivedBucket, namespaceTitle } from './instance-names.ts';
import type { InstanceWorker } from './instance-workers.ts';

/** A binding of one of the instance's workers. */
export interface Use {
  /** The worker's name at Cloudflare. */
  readonly copy: string;
  readonly binding: string;
}

/** Something that the instance's workers are bound to. */
export interface WantedResource {
  readonly kind: ResourceKind;
  /** A database's or bucket's name, a namespace's title. */
  readonly name: string;
  readonly uses: readonly Use[];
}

/** What people call them. */
export const resourceWords = { d1: 'database', kv: 'namespace', r2: 'bucket' } as const;

export const defaultDatabase = 'multiagent_system';

/** The name of the database with the instance's row: the one that its workers use, so that they can read it. */
export function databaseOf(instance: Instance, workers: readonly InstanceWorker[]): string {
  if (instance.database !== undefined) return instance.database;
  const names = workers.flatMap(({ source }) =>
    source.settings.d1.map((it) => it.database_name ?? defaultResourceName(source.name, it.binding)),
  );
  const [only = defaultDatabase, ...others] = new Set(names);
  return others.length === 0 ? only : defaultDatabase;
}

/**
 * What an instance needs beside its workers. Databases are shared by all instances, by their names; namespaces and
 * buckets are the instance's own. The first is the database with the table of instances.
 *
 * @throws LaunchError CONFIG_INVALID
 */
export function wantedResources(
  instance: Instance,
  workers: readonly InstanceWorker[],
): readonly WantedResource[] {
  return [...databases(instance, workers), ...namespaces(workers), ...buckets(instance, workers)];
}

/** What the copy's bindings lead to. `idOf` gives a database's or namespace's id. */
export function overridesFor(
  copy: string,
  resources: readonly WantedResource[],
  idOf: (resource: WantedResource) => string,
  copies: Readonly<Record<string, string>>,
): BindingOverrides {
  const used = (kind: WantedResource['kind']) =>
    resources
      .filter((resource) => resource.kind === kind)
      .flatMap((resource) =>
        resource.uses.filter((use) => use.copy === copy).map(({ binding }) => ({ binding, resource })),
      );
  return {
    d1: Object.fromEntries(
      used('d1').map(({ binding, resource }) => [binding, { id: idOf(resource), name: resource.name }]),
    ),
    kv: Object.fromEntries(used('kv').map(({ binding, resource }) => [binding, idOf(resource)])),
    r2: Object.fromEntries(used('r2').map(({ binding, resource }) => [binding, resource.name])),
    workers: copies,
  };
}

/** A database whose id is written down is left as it is written. */
function databases(instance: Instance, workers: readonly InstanceWorker[]): WantedResource[] {
  const uses = new Map<string, Use[]>([[databaseOf(instance, workers), []]]);
  for (const { copy, source } of workers) {
    for (const { binding, database_name, database_id } of source.settings.d1) {
      if (database_id !== undefined && database_id !== '') continue;
      add(uses, database_name ?? defaultResourceName(source.name, binding), { copy, binding });
    }
  }
  return toResources('d1', uses);
}

/** Workers that share a namespace share the copy of it, too. */
function namespaces(workers: readonly InstanceWorker[]): WantedResource[] {
  const titles = new Map<string, string>();
  const uses = new Map<string, Use[]>();
  for (const { copy, source } of workers) {
    for (const { binding, id } of source.settings.kv) {
      const own = namespaceTitle(copy, binding);
      const title = id === undefined || id === '' ? own : (titles.get(id) ?? own);
      if (id !== undefined && id !== '') titles.set(id, title);
      add(uses, title, { copy, binding });
    }
  }
  return toResources('kv', uses);
}

function buckets(instance: Instance, workers: readonly InstanceWorker[]): WantedResource[] {
  const written = new Map<string, Use[]>();
  for (const { copy, source } of workers) {
    for (const { binding, bucket_name: bucket } of source.settings.r2) {
      const name = bucket === undefined || bucket === '' ? defaultResourceName(source.name, binding) : bucket;
      add(written, name, { copy, binding });
    }
  }
  if (instance.bucket === undefined) {
    const own = [...written].map(([name, uses]) => [derivedBucket(name, instance), uses] as const);
    return toResources('r2', new Map(own));
  }
  if (written.size > 1) {
    throw new LaunchError(
      'CONFIG_INVALID',
      `The workers use several buckets (${[...written.keys()].join(', ')}), and \`r2_bucket\` names one.`,
      {
        place: { file: instance.file },
        remedy: `Leave \`r2_bucket\` out: then they are called ${[...written.keys()].map((name) => `${name}-${instance.id}`).join(', ')}.`,
      },
    );
  }
  return toResources('r2', new Map([[instance.bucket, [...written.values()].flat()]]));
}

function add(map: Map<string, Use[]>, name: string, use: Use): void {
  map.set(name, [...(map.get(name) ?? []), use]);
}

function toResources(
  kind: WantedResource['kind'],
  uses: ReadonlyMap<string, readonly Use[]>,
): WantedResource[] {
  return [...uses].map(([name, list]) => ({ kind, name, uses: list }));
}
