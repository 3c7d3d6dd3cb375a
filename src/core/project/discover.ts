import { LaunchError } from '../errors.ts';
import { isName, printable } from '../names.ts';
import { opaqueShape, type Shape, shapeOf } from './shape.ts';
import { type Entry, entriesOfAll, joinPath, normalizePath, type RepositoryView, readText } from './view.ts';

/** A folder that holds a service, as it stands in one state of the repository. */
export interface ServiceFolder {
  readonly name: string;
  /** Where it is matched by the `services` globs; the service's identity. */
  readonly path: string;
  /** Where its files are: differs from `path` when that is a symlink to a folder of the same repository. */
  readonly contentPath: string;
  readonly kind: 'folder' | 'symlink' | 'submodule';
  /**
   * Git's id of its content: a tree, or a submodule's commit; of a symlink the link's id and the tree's.
   * Empty in a working tree.
   */
  readonly id: string;
  readonly shape: Shape;
}

/** Where the folder's `service.yml` is, or would be. */
export function manifestPath(folder: ServiceFolder): string {
  return joinPath(folder.contentPath, folder.shape.manifest ?? 'service.yml');
}

/**
 * Every service folder under `root` that `globs` match, by name. With `**` the outermost folder that is a
 * service wins; folders below it are part of it.
 *
 * @throws LaunchError CONFIG_INVALID for a service folder with an invalid name, two services of one name,
 *   or a service symlink that leaves the repository.
 */
export async function discoverServices(
  view: RepositoryView,
  root: string,
  globs: readonly string[],
): Promise<ServiceFolder[]> {
  const byPath = new Map<string, ServiceFolder>();
  for (const glob of globs) {
    const start = normalizePath(joinPath(root, glob));
    if (start === undefined) {
      throw new LaunchError(
        'CONFIG_INVALID',
        `The services glob "${printable(glob)}" leaves the repository.`,
        {
          place: { file: 'launch.yml' },
          remedy: 'Name folders inside the repository, for example services/*.',
        },
      );
    }
    for (const found of await walk(view, '', start.split('/'))) byPath.set(found.path, found);
  }
  return assertDistinct([...byPath.values()]);
}

async function walk(view: RepositoryView, at: string, segments: readonly string[]): Promise<ServiceFolder[]> {
  const [segment, ...rest] = segments;
  if (segment === undefined) return [];
  const entries = await view.entries(at);
  if (entries === undefined) return [];
  const folders = entries.filter((entry) => entry.kind !== 'file' && entry.kind !== 'executable');
  if (segment === '**') return walkDeep(view, at, folders, segments);
  const matches = await matcherOf(segment);
  const matching = folders.filter((entry) => matches(entry.name));
  if (rest.length === 0) return servicesAt(view, at, matching);
  const found = await Promise.all(
    matching
      .filter((entry) => entry.kind === 'folder')
      .map((entry) => walk(view, joinPath(at, entry.name), rest)),
  );
  return found.flat();
}

/** The services among the entries of a folder; there may be a thousand, so their folders are read together. */
async function servicesAt(
  view: RepositoryView,
  at: string,
  entries: readonly Entry[],
): Promise<ServiceFolder[]> {
  const folders = entries.filter((entry) => entry.kind === 'folder');
  const paths = folders.map((entry) => joinPath(at, entry.name));
  const children = await entriesOfAll(view, paths);
  const services = folders.flatMap((entry, index) =>
    folderService(paths[index] ?? '', entry, children[index]),
  );
  const others = entries.filter((entry) => entry.kind !== 'folder');
  const found = await Promise.all(others.map((entry) => serviceAt(view, joinPath(at, entry.name), entry)));
  return [...services, ...found.flat()];
}

/** `**` stands for any number of folders, also for none: what follows it is tried at every level. */
async function walkDeep(
  view: RepositoryView,
  at: string,
  folders: readonly Entry[],
  segments: readonly string[],
): Promise<ServiceFolder[]> {
  const rest = segments.slice(1);
  const here = rest.length === 0 ? [] : await walk(view, at, rest);
  const below = await Promise.all(
    folders.map(async (entry) => {
      const path = joinPath(at, entry.name);
      const service = rest.length === 0 ? await serviceAt(view, path, entry) : [];
      if (service.length > 0 || entry.kind !== 'folder') return service;
      return walk(view, path, segments);
    }),
  );
  return [...here, ...below.flat()];
}

/** `services/*` is what nearly everybody has; for it the library need not be loaded. */
async function matcherOf(segment: string): Promise<(name: string) => boolean> {
  if (segment === '*') return (name) => !name.startsWith('.');
  if (/^[\w.-]+$/.test(segment)) return (name) => name === segment;
  const { default: picomatch } = await import('picomatch');
  return picomatch(segment);
}

/** The service at `path`, or undefined when that is no service. */
async function serviceAt(view: RepositoryView, path: string, entry: Entry): Promise<ServiceFolder[]> {
  if (entry.kind === 'submodule') {
    const looked = await view.entries(path);
    const shape = (looked && shapeOf(looked)) ?? opaqueShape;
    // Whether it holds a service can't be told from here; one that can't be called so is none.
    if (!isName(entry.name) && shape === opaqueShape) return [];
    return named({ name: entry.name, path, contentPath: path, kind: 'submodule', id: entry.id, shape });
  }
  if (entry.kind === 'symlink') return symlinkedService(view, path, entry);
  return folderService(path, entry, await view.entries(path));
}

function folderService(path: string, entry: Entry, children: readonly Entry[] | undefined): ServiceFolder[] {
  const shape = children && shapeOf(children);
  if (shape === undefined) return [];
  return named({ name: entry.name, path, contentPath: path, kind: 'folder', id: entry.id, shape });
}

async function symlinkedService(view: RepositoryView, path: string, entry: Entry): Promise<ServiceFolder[]> {
  const end = await followLinks(view, path);
  if (end === 'nowhere') return [];
  if (end === 'outside') {
    throw new LaunchError(
      'CONFIG_INVALID',
      `The service "${printable(entry.name)}" is a symlink out of the repository.`,
      {
        place: { file: path },
        remedy: 'Point it at a folder inside the repository, or replace it by the folder itself.',
      },
    );
  }
  const children = await view.entries(end.path);
  const shape = children && shapeOf(children);
  if (shape === undefined) return [];
  const target = await entryAt(view, end.path);
  const id = entry.id === '' ? '' : `${entry.id}:${target?.id ?? ''}`;
  return named({ name: entry.name, path, contentPath: end.path, kind: 'symlink', id, shape });
}

/** So many links a path may lead through, as on Linux. */
const mostLinks = 40;

/** Where a path leads once every link on its way is followed; `nowhere` for a chain of links without an end. */
async function followLinks(
  view: RepositoryView,
  path: string,
): Promise<{ readonly path: string } | 'outside' | 'nowhere'> {
  const ahead = path.split('/');
  const behind: string[] = [];
  for (let links = 0; ahead.length > 0; ) {
    const part = ahead.shift();
    if (part === undefined || part === '' || part === '.') continue;
    if (part === '..') {
      if (behind.pop() === undefined) return 'outside';
      continue;
    }
    const here = joinPath(...behind, part);
    if ((await entryAt(view, here))?.kind !== 'symlink') {
      behind.push(part);
      continue;
    }
    const link = (await readText(view, here)) ?? '';
    links += 1;
    if (link.startsWith('/')) return 'outside';
    if (links > mostLinks) return 'nowhere';
    ahead.unshift(...link.split('/'));
  }
  return { path: joinPath(...behind) };
}

/** The entry of one path; undefined for the top and for what does not exist. */
export async function entryAt(view: RepositoryView, path: string): Promise<Entry | undefined> {
  const cut = path.lastIndexOf('/');
  const siblings = await view.entries(cut < 0 ? '' : path.slice(0, cut));
  return siblings?.find((entry) => entry.name === path.slice(cut + 1));
}

function named(folder: ServiceFolder): ServiceFolder[] {
  if (isName(folder.name)) return [folder];
  throw new LaunchError(
    'CONFIG_INVALID',
    `The service folder "${printable(folder.path)}" has no valid service name.`,
    {
      place: { file: printable(folder.path) },
      remedy:
        'Rename it: 1 to 63 lower-case letters, digits and hyphens, starting with a letter or digit. A folder that is not a service must not hold service.yml, a compose file, a wrangler configuration or deploy.sh.',
    },
  );
}

function assertDistinct(folders: ServiceFolder[]): ServiceFolder[] {
  const byName = new Map<string, ServiceFolder>();
  for (const folder of folders) {
    const other = byName.get(folder.name);
    if (other !== undefined) {
      throw new LaunchError(
        'CONFIG_INVALID',
        `Two services are called "${folder.name}": ${other.path} and ${folder.path}.`,
        {
          place: { file: folder.path },
          remedy: 'Rename one of the folders; a service is known by its folder name.',
        },
      );
    }
    byName.set(folder.name, folder);
  }
  return folders.sort((a, b) => (a.name < b.name ? -1 : 1));
}
