import { LaunchError } from '../errors.ts';
import { printable } from '../names.ts';
import type { BindingOverrides } from './binding-overrides.ts';
import { defaultResourceName } from './worker-name.ts';
import type { Located, WorkerSettings, WranglerConfig } from './wrangler-config.ts';

export type ResourceKind = 'd1' | 'kv' | 'r2';

/** Something of the account that a worker is bound to by its name, and that has to be there before it is deployed. */
export interface BoundResource {
  readonly kind: ResourceKind;
  /** What the worker's code calls it. */
  readonly binding: string;
  /** A database's or bucket's name, a namespace's title. */
  readonly name: string;
  /** Whether the configuration says all that wrangler needs: a bucket has no id, its name is enough. */
  readonly isComplete: boolean;
  /** Where the binding stands in the configuration. */
  readonly path: readonly PropertyKey[];
}

/** A resource with its id: of a database or namespace what the account says, of a bucket its name. */
export interface FoundResource extends BoundResource {
  readonly id: string;
}

/**
 * The databases, namespaces and buckets that the worker is bound to by name: those whose ids stand in the
 * configuration, or are given otherwise, are not among them. A name that is left out is the one that wrangler would
 * give: `<worker>-<binding>`.
 */
export function boundResources(
  settings: WorkerSettings,
  worker: string,
  given: BindingOverrides = {},
): BoundResource[] {
  const resource = (kind: ResourceKind, { binding, path }: Located<{ binding: string }>, name?: string) => ({
    kind,
    binding,
    path,
    name: name || defaultResourceName(worker, binding),
    isComplete: kind === 'r2' && !!name,
  });
  const isOpen = (kind: ResourceKind, binding: string, id?: string): boolean =>
    !id && !Object.hasOwn(given[kind] ?? {}, binding);
  return [
    ...settings.d1
      .filter((it) => isOpen('d1', it.binding, it.database_id))
      .map((it) => resource('d1', it, it.database_name)),
    ...settings.kv.filter((it) => isOpen('kv', it.binding, it.id)).map((it) => resource('kv', it)),
    // A bucket in a jurisdiction is in a list of its own, and wrangler looks for it itself.
    ...settings.r2
      .filter((it) => isOpen('r2', it.binding, it.jurisdiction))
      .map((it) => resource('r2', it, it.bucket_name)),
  ];
}

/** What the bindings lead to, beside what was given for others; only the latter where the configuration says all. */
export function bindingsTo(
  found: readonly FoundResource[],
  given: BindingOverrides | undefined,
): BindingOverrides | undefined {
  const open = found.filter(({ isComplete }) => !isComplete);
  if (open.length === 0) return given;
  const of = (kind: ResourceKind) => open.filter((it) => it.kind === kind);
  return {
    ...given,
    d1: {
      ...Object.fromEntries(of('d1').map(({ binding, id, name }) => [binding, { id, name }])),
      ...given?.d1,
    },
    kv: { ...Object.fromEntries(of('kv').map(({ binding, id }) => [binding, id])), ...given?.kv },
    r2: { ...Object.fromEntries(of('r2').map(({ binding, name }) => [binding, name])), ...given?.r2 },
  };
}

/** What is said of resources that are not in the account: each with the command that makes it. */
export function missingResources(
  config: WranglerConfig,
  missing: readonly [BoundResource, ...BoundResource[]],
): LaunchError {
  const named = missing.map(({ kind, name, binding }) => `${nouns[kind]} "${printable(name)}" (${binding})`);
  return new LaunchError('CONFIG_INVALID', `The account has no ${named.join(', no ')}.`, {
    place: config.placeOf(missing[0].path),
    remedy: `Nothing has been changed, and nothing is made by accident. Correct the name, or make it: ${missing.map(commandFor).join('; ')}.`,
  });
}

const nouns: Readonly<Record<ResourceKind, string>> = {
  d1: 'D1 database',
  kv: 'KV namespace',
  r2: 'R2 bucket',
};

const makes: Readonly<Record<ResourceKind, string>> = {
  d1: 'wrangler d1 create',
  kv: 'wrangler kv namespace create',
  r2: 'wrangler r2 bucket create',
};

/** The command with which a person makes the resource. */
export function commandFor({ kind, name }: Pick<BoundResource, 'kind' | 'name'>): string {
  const quoted = /^[\w.-]+$/.test(name) ? name : `'${printable(name).replaceAll("'", "'\\''")}'`;
  return `${makes[kind]} ${quoted}`;
}
