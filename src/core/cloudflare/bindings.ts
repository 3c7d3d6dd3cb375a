import { LaunchError, type Place } from '../errors.ts';
import { printable } from '../names.ts';
import { defaultResourceName } from './worker-name.ts';
import { type Located, type WorkerSettings, type WranglerConfig, workerSettings } from './wrangler-config.ts';

export type ResourceKind = 'd1' | 'kv' | 'r2';

/** Something of the account that a worker is bound to, and that has to be there before the worker is deployed. */
export interface BoundResource {
  readonly kind: ResourceKind;
  /** What the worker's code calls it. */
  readonly binding: string;
  /** A database's or bucket's name, a namespace's title. */
  readonly name: string;
  /** As written in the configuration; undefined where it is found by its name. A bucket has none. */
  readonly id: string | undefined;
  /** Of a bucket: where its data is kept by law (`eu`, `fedramp`). */
  readonly jurisdiction: string | undefined;
  /** Where the binding stands in the configuration. */
  readonly path: readonly PropertyKey[];
}

/** A resource that was found in the account. */
export interface FoundResource extends BoundResource {
  readonly id: string;
}

/** What an instance of a worker has other than its configuration says; whatever is left out stays as it is. */
export interface BindingChanges {
  /** The name to deploy under; names by default follow from it. */
  readonly worker?: string;
  readonly database?: (name: string) => string;
  readonly bucket?: (name: string) => string;
  readonly namespace?: (title: string) => string;
  /** The workers that its service and Durable Object bindings lead to. */
  readonly service?: (name: string) => string;
}

/** The databases, namespaces and buckets that the worker needs, by the names under which they are looked for. */
export function boundResources(settings: WorkerSettings, changes: BindingChanges = {}): BoundResource[] {
  const worker = changes.worker ?? settings.name ?? '';
  const resource = (kind: ResourceKind, it: Located<Written>, change?: (name: string) => string) => {
    const { binding, path, jurisdiction } = it;
    const written = it.name || defaultResourceName(worker, binding);
    const name = change === undefined ? written : change(written);
    // An id that is written belongs to what was written. A namespace's says nothing of its title.
    const isWritten = kind === 'kv' ? change === undefined : name === written;
    return { kind, binding, path, name, id: isWritten ? it.id || undefined : undefined, jurisdiction };
  };
  return [
    ...settings.d1.map((it) =>
      resource('d1', { ...it, name: it.database_name, id: it.database_id }, changes.database),
    ),
    ...settings.kv.map((it) => resource('kv', { ...it, name: undefined }, changes.namespace)),
    ...settings.r2.map((it) =>
      resource('r2', { ...it, name: it.bucket_name, id: undefined }, changes.bucket),
    ),
  ];
}

interface Written {
  readonly binding: string;
  readonly name: string | undefined;
  readonly id?: string | undefined;
  readonly jurisdiction?: string | undefined;
}

/**
 * The configuration with every id in it, as a value to be written as JSON: nothing is left for wrangler to look up
 * or to make. Keys that Launch does not know are kept.
 */
export function withResources(
  config: WranglerConfig,
  environment: string | undefined,
  found: readonly FoundResource[],
  changes: BindingChanges = {},
): Record<string, unknown> {
  const raw = structuredClone(config.raw) as Record<string, unknown>;
  for (const { kind, id, name, path } of found) {
    if (kind === 'd1') setKeys(raw, path, { database_name: name, database_id: id });
    else if (kind === 'kv') setKeys(raw, path, { id });
    else setKeys(raw, path, { bucket_name: name });
  }
  const settings = workerSettings(config, environment);
  const { service: renamed, worker } = changes;
  if (worker !== undefined)
    setKeys(raw, environment === undefined ? [] : ['env', environment], { name: worker });
  if (renamed !== undefined) {
    for (const { path, service } of settings.services) setKeys(raw, path, { service: renamed(service) });
    for (const { path, script_name: script } of settings.durableObjects) {
      if (script !== undefined) setKeys(raw, path, { script_name: renamed(script) });
    }
  }
  return raw;
}

/** What is said of resources that are not in the account: each with the command that makes it. */
export function missingResources(
  config: WranglerConfig,
  missing: readonly [BoundResource, ...BoundResource[]],
): LaunchError {
  const named = missing.map((it) => `${resourceNoun(it.kind)} "${printable(it.name)}" (${it.binding})`);
  const place: Place = config.placeOf(missing[0].path);
  return new LaunchError('CONFIG_INVALID', `The account has no ${named.join(', no ')}.`, {
    place,
    remedy: `Nothing has been changed. Launch makes no data store by accident; make it, or correct the name: ${missing.map(commandFor).join('; ')}.`,
  });
}

/** The command with which a person makes the resource. */
export function commandFor({ kind, name, jurisdiction }: BoundResource): string {
  const quoted = /^[\w.-]+$/.test(name) ? name : `'${printable(name).replaceAll("'", "'\\''")}'`;
  switch (kind) {
    case 'd1':
      return `wrangler d1 create ${quoted}`;
    case 'kv':
      return `wrangler kv namespace create ${quoted}`;
    case 'r2':
      return `wrangler r2 bucket create ${quoted}${jurisdiction === undefined ? '' : ` --jurisdiction ${jurisdiction}`}`;
  }
}

export function resourceNoun(kind: ResourceKind): string {
  return { d1: 'D1 database', kv: 'KV namespace', r2: 'R2 bucket' }[kind];
}

function setKeys(
  root: Record<string, unknown>,
  path: readonly PropertyKey[],
  values: Readonly<Record<string, unknown>>,
): void {
  let at: unknown = root;
  for (const step of path) at = (at as Readonly<Record<PropertyKey, unknown>>)[step];
  Object.assign(at as object, values);
}
