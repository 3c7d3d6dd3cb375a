import { type ComposeFile, mapOf } from './compose-file.ts';
import { type ComposeScope, type Container, countingLayers, mergeContainers } from './containers.ts';

/** A value as YAML has it, of which nothing more is known. */
export type Tree = Readonly<Record<string, unknown>>;

/**
 * What compose files come to, as one document: `extends` followed, later files merged over earlier ones by compose's
 * rules, lists of `NAME=value` written as maps. Texts are passed through `fill`; nothing else is read or run.
 */
export function resolveCompose(
  files: readonly ComposeFile[],
  scope: ComposeScope,
  fill: (text: string) => string,
): Tree {
  const merged = files
    .map((file) => withoutServices(file.value))
    .reduce<Tree>((before, after) => mergeMaps(before, after, ''), {});
  const containers = mergeContainers(files, scope).map(
    (container) => [container.name, containerOf(container)] as const,
  );
  return mapOf(filled({ ...merged, services: fromEntries(containers) }, '', fill));
}

function withoutServices(value: unknown): Tree {
  // What is included is among the files already.
  const { services: _services, include: _include, ...rest } = mapOf(value);
  return rest;
}

function containerOf(container: Container): Tree {
  const keys = new Set(container.layers.flatMap(({ service }) => Object.keys(service.value)));
  keys.delete('extends');
  return fromEntries(
    [...keys].map((key) => {
      const values = countingLayers(container, key).map(({ service }) => listed(key, service.value[key]));
      return [key, values.reduce((before, after) => merge(before, after, key), undefined)] as const;
    }),
  );
}

/** Keys whose later list takes the place of the earlier one. */
const replacing = new Set(['command', 'entrypoint', 'test']);
/** Keys that are a map or a list of `NAME=value`. */
const maps = new Set(['environment', 'labels', 'args', 'annotations', 'sysctls', 'driver_opts']);

function merge(before: unknown, after: unknown, key: string): unknown {
  if (after === undefined) return before;
  if (after === null) return before ?? null;
  if (isMap(before) && isMap(after)) return mergeMaps(before, after, key);
  if (!Array.isArray(before) || !Array.isArray(after) || replacing.has(key)) return after;
  const added: readonly unknown[] = after;
  const places = new Set(added.map(placeOf));
  // Mounts are told apart by where they are in the container, anything else by what it is.
  return [...before.filter((item: unknown) => !places.has(placeOf(item))), ...added];
}

function mergeMaps(before: Tree, after: Tree, key: string): Tree {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return fromEntries(
    [...keys].map((name) => {
      const values = [before, after].map((map) =>
        Object.hasOwn(map, name) ? listed(name, map[name]) : undefined,
      );
      // A variable without a value is still one.
      const [old, fresh] = values;
      const isVariable = maps.has(key) && Object.hasOwn(after, name);
      return [name, isVariable ? fresh : merge(old, fresh, name)] as const;
    }),
  );
}

/** `source:/place[:options]` and `{target: /place}` are mounts of one place. */
function placeOf(item: unknown): string {
  if (typeof item === 'string') return /^[^:]*:(\/[^:]*)(?::|$)/.exec(item)?.[1] ?? item;
  const target = mapOf(item)['target'];
  return typeof target === 'string' && target.startsWith('/') ? target : JSON.stringify(item);
}

function listed(key: string, value: unknown): unknown {
  if (!maps.has(key) || !Array.isArray(value)) return value;
  return fromEntries(
    value.map((item: unknown) => {
      const text = String(item);
      const at = text.indexOf('=');
      return at < 0 ? ([text, null] as const) : ([text.slice(0, at), text.slice(at + 1)] as const);
    }),
  );
}

function filled(value: unknown, key: string, fill: (text: string) => string): unknown {
  const it = listed(key, value);
  if (typeof it === 'string') return fill(it);
  if (Array.isArray(it)) return it.map((item: unknown) => filled(item, '', fill));
  if (!isMap(it)) return it;
  return fromEntries(Object.entries(it).map(([name, item]) => [name, filled(item, name, fill)] as const));
}

export function isMap(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A key may be called `__proto__`, which would set something else. */
function fromEntries(entries: Iterable<readonly [string, unknown]>): Tree {
  return Object.fromEntries(entries);
}
