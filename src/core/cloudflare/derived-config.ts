import { join, relative } from 'node:path/posix';
import type { BindingOverrides } from './binding-overrides.ts';

export interface Derivation {
  /** Where the configuration stands, absolute. */
  readonly from: string;
  /** Where the derived one is going to stand, absolute: what is written relative to the one has to be led there. */
  readonly to: string;
  /** The environment that is deployed; undefined: the top. */
  readonly environment: string | undefined;
  readonly name: string;
  readonly bindings: BindingOverrides;
  /** Whether it is another worker than the configuration's: then it has none of its routes. */
  readonly isCopy: boolean;
}

type Settings = Readonly<Record<string, unknown>>;

/**
 * The configuration as it is written, but for the name, what its bindings lead to, and, of a copy, where it is reached.
 * Routes and custom domains stay with the worker that they are meant for; a copy answers below workers.dev.
 */
export function deriveConfig(config: Settings, derivation: Derivation): Settings {
  const { environment } = derivation;
  const top = copied(config, derivation);
  if (environment === undefined) return { ...top, name: derivation.name };
  const own = copied(settingsIn(settingsIn(config['env'])[environment]), derivation);
  return { ...top, env: { [environment]: { ...own, name: derivation.name } } };
}

function copied(settings: Settings, derivation: Derivation): Settings {
  const { env: _env, $schema: _schema, ...own } = settings;
  const { route: _route, routes: _routes, ...unrouted } = own;
  const moved = derivation.isCopy ? { ...unrouted, workers_dev: true } : own;
  return withBindings(withPaths(moved, derivation), derivation.bindings);
}

/** Wrangler joins paths to the configuration's folder, absolute ones too: so they are written relative to the new one. */
function withPaths(settings: Settings, { from, to }: Derivation): Settings {
  const lead = (path: unknown): unknown =>
    typeof path !== 'string' ? path : relative(to, path.startsWith('/') ? path : join(from, path));
  const inside = (key: string, ...names: string[]): Settings => {
    const part = settings[key];
    if (!isSettings(part)) return {};
    return {
      [key]: Object.fromEntries(
        Object.entries(part).map(([name, value]) => [name, names.includes(name) ? led(value) : value]),
      ),
    };
  };
  const led = (value: unknown): unknown => (Array.isArray(value) ? value.map(lead) : lead(value));
  const each = (key: string): Settings => {
    const part = settings[key];
    return isSettings(part)
      ? { [key]: Object.fromEntries(Object.entries(part).map(([name, path]) => [name, lead(path)])) }
      : {};
  };
  const plain = ['main', 'base_dir', 'tsconfig'].filter((key) => settings[key] !== undefined);
  return {
    ...settings,
    ...Object.fromEntries(plain.map((key) => [key, lead(settings[key])])),
    ...inside('assets', 'directory'),
    ...inside('site', 'bucket', 'entry-point'),
    ...inside('build', 'watch_dir'),
    ...each('wasm_modules'),
    ...each('text_blobs'),
    ...each('data_blobs'),
  };
}

function withBindings(
  settings: Settings,
  { d1 = {}, kv = {}, r2 = {}, workers = {} }: BindingOverrides,
): Settings {
  const each = (list: unknown, change: (item: Settings) => Settings): unknown =>
    Array.isArray(list) ? list.map((item: unknown) => (isSettings(item) ? change(item) : item)) : list;
  const named = <T>(map: Readonly<Record<string, T>>, name: unknown): T | undefined =>
    typeof name === 'string' && Object.hasOwn(map, name) ? map[name] : undefined;
  const renamed = (item: Settings, key: string): Settings => {
    const other = named(workers, item[key]);
    if (other === undefined) return item;
    // Of the one that is named, and not of its copy.
    const { environment: _environment, ...kept } = item;
    return { ...kept, [key]: other };
  };
  const objects = settings['durable_objects'];
  const changed: Record<string, unknown> = {
    d1_databases: each(settings['d1_databases'], (item) => {
      const database = named(d1, item['binding']);
      return database === undefined
        ? item
        : { ...item, database_id: database.id, database_name: database.name };
    }),
    kv_namespaces: each(settings['kv_namespaces'], (item) => {
      const id = named(kv, item['binding']);
      return id === undefined ? item : { ...item, id };
    }),
    r2_buckets: each(settings['r2_buckets'], (item) => {
      const bucket = named(r2, item['binding']);
      return bucket === undefined ? item : { ...item, bucket_name: bucket };
    }),
    services: each(settings['services'], (item) => renamed(item, 'service')),
    tail_consumers: each(settings['tail_consumers'], (item) => renamed(item, 'service')),
    durable_objects: isSettings(objects)
      ? { ...objects, bindings: each(objects['bindings'], (item) => renamed(item, 'script_name')) }
      : objects,
  };
  return {
    ...settings,
    ...Object.fromEntries(Object.entries(changed).filter(([, value]) => value !== undefined)),
  };
}

function isSettings(value: unknown): value is Settings {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function settingsIn(value: unknown): Settings {
  return isSettings(value) ? value : {};
}
