import { LaunchError } from '../errors.ts';
import { printable } from '../names.ts';
import type { ComposeModel, ComposeVolume } from './compose-model.ts';

/** What git knows about a path of the commit. */
export type Tracked =
  | {
      readonly kind: 'file' | 'folder';
      readonly id: string;
      readonly executable: boolean;
      readonly path: string;
    }
  /** A folder that only holds marks such as .gitkeep, which git needs to keep an empty folder. */
  | { readonly kind: 'placeholder' }
  | undefined;

/** Where a release's content is mounted from. */
export type MountSource =
  /** `mounts/<key>/<name>`: a copy of what git holds at `path`; its key changes exactly when the content does. */
  | { readonly kind: 'content'; readonly key: string; readonly name: string; readonly path: string }
  /** `data/<path>`: stays over every release. */
  | { readonly kind: 'data'; readonly path: string };

export interface MountPlan {
  /** Every source of the commit, by its path in the repository. */
  readonly sources: ReadonlyMap<string, MountSource>;
}

export interface MountContext {
  /** The absolute folder of the snapshot, below which relative sources were resolved. */
  readonly snapshot: string;
  /** The absolute folder of the service's state: nothing else in there may be mounted. */
  readonly state: string;
  readonly file: string;
}

/**
 * The paths of the repository that the model mounts: bind sources and the files of configs and secrets.
 *
 * @throws LaunchError CONFIG_INVALID for a source that leaves the repository
 */
export function mountedPaths(model: ComposeModel, context: MountContext): string[] {
  const paths = new Set<string>();
  const add = (source: string | undefined) => {
    const path = repositoryPath(source, context);
    if (path !== undefined) paths.add(path);
  };
  for (const service of Object.values(model.services)) {
    for (const volume of service.volumes ?? []) if (volume.type === 'bind') add(volume.source);
  }
  for (const entry of [...Object.values(model.configs ?? {}), ...Object.values(model.secrets ?? {})]) {
    add(entry.file);
  }
  return [...paths].sort();
}

/**
 * A source's path in the repository; undefined for one of the host's own, which is mounted as it is.
 *
 * @throws LaunchError CONFIG_INVALID for a source that leaves the repository
 */
export function repositoryPath(source: string | undefined, context: MountContext): string | undefined {
  if (source === undefined) return undefined;
  const path = unescapeDollar(source);
  if (path === context.snapshot) return '';
  if (path.startsWith(`${context.snapshot}/`)) return path.slice(context.snapshot.length + 1);
  if (path !== context.state && !path.startsWith(`${context.state}/`)) return undefined;
  throw new LaunchError('CONFIG_INVALID', 'A relative bind mount leaves the repository.', {
    place: { file: context.file },
    remedy: `Mount a path inside the repository, or write the absolute path of the host. It resolves to ${printable(path)}.`,
  });
}

/** Whether each mounted path is content of the commit or data of the host. */
export function planMounts(paths: readonly string[], tracked: (path: string) => Tracked): MountPlan {
  const sources = new Map<string, MountSource>();
  for (const path of paths) {
    const known = tracked(path);
    if (known === undefined || known.kind === 'placeholder') sources.set(path, { kind: 'data', path });
    else {
      const name = path.slice(path.lastIndexOf('/') + 1) || 'repository';
      const key = known.executable ? `${known.id}-x` : known.id;
      sources.set(path, { kind: 'content', key, name, path: known.path });
    }
  }
  return { sources };
}

/** Relative to the state folder of the service. */
export function mountLocation(source: MountSource): string {
  return source.kind === 'data' ? `data/${source.path}` : `mounts/${source.key}/${source.name}`;
}

/** A mount as the additions to the compose file say it: the same, from its new place. */
export function movedVolume(
  volume: ComposeVolume,
  plan: MountPlan,
  context: MountContext,
): ComposeVolume | undefined {
  if (volume.type !== 'bind') return undefined;
  const path = repositoryPath(volume.source, context);
  const source = path === undefined ? undefined : plan.sources.get(path);
  if (source === undefined) return undefined;
  return { ...volume, source: escapeDollar(`${context.state}/${mountLocation(source)}`) };
}

/** In a compose file `$$` is a dollar; a single one would start a variable. */
export function escapeDollar(text: string): string {
  return text.replaceAll('$', '$$$$');
}

export function unescapeDollar(text: string): string {
  return text.replaceAll('$$', '$');
}
