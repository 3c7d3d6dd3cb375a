import type { YamlPath } from '../config/yaml-source.ts';
import type { Place } from '../errors.ts';
import { joinPath, normalizePath } from '../project/view.ts';
import { type ComposeFile, type ComposeService, listOf, mapOf } from './compose-file.ts';
import { interpolate } from './variables.ts';

/** A container as all files together describe it: each later layer is merged over the ones before. */
export interface Container {
  readonly name: string;
  readonly layers: readonly ContainerLayer[];
}

/** What one service of one file adds to a container. */
export interface ContainerLayer {
  readonly file: ComposeFile;
  readonly service: ComposeService;
  /** For what is inherited by `extends`, where the extending service stands: that is what a person can change. */
  readonly inheritedAt: Place | undefined;
}

/** What the files of a service are read with. */
export interface ComposeScope {
  readonly variables: Readonly<Record<string, string>>;
  /** A file that is extended; undefined for one that is not there. */
  readonly fileAt: (path: string) => ComposeFile | undefined;
}

/**
 * Merges the way compose does it: in each file `extends` is followed first, then a later file adds to an earlier one.
 */
export function mergeContainers(files: readonly ComposeFile[], scope: ComposeScope): Container[] {
  const merged = new Map<string, readonly ContainerLayer[]>();
  for (const file of files) {
    for (const name of file.replacedServices) merged.delete(name);
    for (const service of file.services) {
      const layers = layersOf(file, service, scope, new Set());
      merged.set(service.name, [...(merged.get(service.name) ?? []), ...layers]);
    }
  }
  return [...merged].map(([name, layers]) => ({ name, layers }));
}

function layersOf(
  file: ComposeFile,
  service: ComposeService,
  scope: ComposeScope,
  seen: Set<ComposeService>,
): ContainerLayer[] {
  const own = { file, service, inheritedAt: undefined };
  // That services extend each other in a circle, compose itself tells.
  if (seen.has(service)) return [];
  seen.add(service);
  const base = extendedBy(file, service, scope);
  if (base === undefined) return [own];
  const inheritedAt = file.yaml.placeOf(service.path);
  const inherited = layersOf(base.file, base.service, scope, seen);
  return [...inherited.map((layer) => ({ ...layer, inheritedAt })), own];
}

function extendedBy(
  file: ComposeFile,
  service: ComposeService,
  scope: ComposeScope,
): { readonly file: ComposeFile; readonly service: ComposeService } | undefined {
  const setting = service.value['extends'];
  const name = typeof setting === 'string' ? setting : mapOf(setting)['service'];
  const path = extendedPath(file, service, scope.variables);
  if (path === undefined) return undefined;
  const source = path === file.yaml.file ? file : scope.fileAt(path);
  const base = source?.services.find((it) => it.name === name);
  return source === undefined || base === undefined ? undefined : { file: source, service: base };
}

/** The file whose service is extended, relative to the top; undefined when none is, or none of the repository. */
export function extendedPath(
  file: ComposeFile,
  service: ComposeService,
  variables: ComposeScope['variables'],
): string | undefined {
  const setting = service.value['extends'];
  const named = mapOf(setting)['file'];
  if (named === undefined || named === null) return setting === undefined ? undefined : file.yaml.file;
  const relative = typeof named === 'string' ? interpolate(named, variables) : undefined;
  if (relative === undefined || relative === '' || relative.startsWith('/')) return undefined;
  const from = file.yaml.file;
  return normalizePath(joinPath(from.slice(0, Math.max(0, from.lastIndexOf('/'))), relative));
}

/** The layers whose `key` counts: not those below one that replaces it. */
export function countingLayers({ layers }: Container, key: string): readonly ContainerLayer[] {
  return layers.slice(
    Math.max(
      0,
      layers.findLastIndex(({ service }) => service.replaced.has(key)),
    ),
  );
}

export interface Setting {
  readonly value: unknown;
  readonly place: Place;
}

/** What the last layer that has the key says; for keys that later files replace. */
export function settingOf(container: Container, key: string): Setting | undefined {
  const layer = countingLayers(container, key).findLast(({ service }) => isSet(service.value[key]));
  return layer === undefined ? undefined : { value: layer.service.value[key], place: placeIn(layer, [key]) };
}

/** The items of every layer's list; for keys to which later files add. */
export function itemsOf(container: Container, key: string): Setting[] {
  return countingLayers(container, key).flatMap((layer) =>
    listOf(layer.service.value[key]).map((value, index) => ({ value, place: placeIn(layer, [key, index]) })),
  );
}

/** A map of which later files replace single keys. */
export function mergedMap(container: Container, key: string): Readonly<Record<string, unknown>> {
  const maps = countingLayers(container, key).map(({ service }) => mapOf(service.value[key]));
  return Object.assign({}, ...maps);
}

function placeIn({ file, service, inheritedAt }: ContainerLayer, path: YamlPath): Place {
  return inheritedAt ?? file.yaml.placeOf([...service.path, ...path]);
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}
