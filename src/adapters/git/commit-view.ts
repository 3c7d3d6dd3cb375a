import { LaunchError } from '../../core/errors.ts';
import type { Entry, RepositoryView } from '../../core/project/view.ts';
import type { GitObject } from './cat-file.ts';
import type { ObjectReader } from './object-reader.ts';
import { parseTree } from './tree.ts';

/** What was read before: between two commits nearly all folders are the same. */
export interface ObjectCache {
  /** Folders, by git's id. */
  readonly trees: Map<string, readonly Entry[]>;
  /** The tree of a commit, by the commit's id. */
  readonly tops: Map<string, string>;
}

export function emptyCache(): ObjectCache {
  return { trees: new Map(), tops: new Map() };
}

/** Takes up a commit and its tree that were read in passing, so that they are not asked for again. */
export function remember(cache: ObjectCache, commit: GitObject, tree: GitObject | undefined): void {
  if (tree?.type !== 'tree') return;
  cache.tops.set(commit.id, tree.id);
  cache.trees.set(tree.id, parseTree(tree.data, tree.id.length / 2));
}

export interface Commit {
  readonly tree: string;
  readonly parents: readonly string[];
}

/** The header of a commit: everything up to the first empty line. */
export function parseCommit(data: Buffer): Commit {
  const end = data.indexOf('\n\n');
  const header = data.toString('latin1', 0, end < 0 ? data.length : end).split('\n');
  const values = (key: string) =>
    header.filter((line) => line.startsWith(`${key} `)).map((line) => line.slice(key.length + 1));
  return { tree: values('tree')[0] ?? '', parents: values('parent') };
}

/**
 * One commit's files. What a folder lists but git can't give (a broken or a partial clone) is an error, never
 * an absence: an absence would be taken for a deletion.
 */
export function commitView(
  reader: ObjectReader,
  commit: string,
  cache: ObjectCache = emptyCache(),
): RepositoryView {
  const trees = new Map<string, string | undefined>();

  /** Each id is asked for once, however often it occurs. */
  const dataOf = async (ids: Iterable<string>, type: string): Promise<ReadonlyMap<string, Buffer>> => {
    const asked = [...new Set(ids)];
    const objects = await reader.readAll(asked);
    const data = new Map<string, Buffer>();
    for (const [index, id] of asked.entries()) {
      const object = objects[index];
      if (object?.type !== type) throw notThere(id, type, commit);
      data.set(id, object.data);
    }
    return data;
  };

  const topTree = async (): Promise<string> => {
    const known = cache.tops.get(commit);
    if (known !== undefined) return known;
    const data = (await dataOf([commit], 'commit')).get(commit);
    return data === undefined ? '' : parseCommit(data).tree;
  };

  /** The entries of trees, each read only once. */
  const treesOf = async (ids: readonly (string | undefined)[]) => {
    const lacking = ids.filter((id): id is string => id !== undefined && !cache.trees.has(id));
    if (lacking.length > 0) {
      for (const [id, data] of await dataOf(lacking, 'tree'))
        cache.trees.set(id, parseTree(data, id.length / 2));
    }
    return ids.map((id) => (id === undefined ? undefined : cache.trees.get(id)));
  };

  /** The trees of the folders among these paths; undefined for what is no folder. */
  const treeIdsOf = async (paths: readonly string[]): Promise<(string | undefined)[]> => {
    const unknown = paths.filter((path) => !trees.has(path));
    if (unknown.includes('')) trees.set('', await topTree());
    const below = unknown.filter((path) => path !== '');
    const found = below.length === 0 ? [] : await find(below);
    for (const [index, path] of below.entries()) {
      const entry = found[index];
      trees.set(path, entry?.kind === 'folder' ? entry.id : undefined);
    }
    return paths.map((path) => trees.get(path));
  };

  /** What is at each path. A thousand siblings cost one look into their folder. */
  const find = async (paths: readonly string[]): Promise<(Entry | undefined)[]> => {
    const places = paths.map(placeOf);
    const folders = [...new Set(places.map(({ folder }) => folder))];
    const entries = await treesOf(await treeIdsOf(folders));
    const siblings = new Map(folders.map((folder, index) => [folder, entries[index] ?? []]));
    return places.map(({ folder, name }) => entryOf(siblings.get(folder) ?? [], name));
  };

  const entriesOfAll = async (paths: readonly string[]) => treesOf(await treeIdsOf(paths));

  const readAll = async (paths: readonly string[]): Promise<(Uint8Array | undefined)[]> => {
    const files = (await find(paths)).map((entry) => (isFile(entry) ? entry : undefined));
    const data = await dataOf(
      files.flatMap((file) => file?.id ?? []),
      'blob',
    );
    return files.map((file) => (file === undefined ? undefined : data.get(file.id)));
  };

  return {
    entriesOfAll,
    readAll,
    entries: async (path) => (await entriesOfAll([path]))[0],
    read: async (path) => (await readAll([path]))[0],
  };
}

function isFile(entry: Entry | undefined): entry is Entry {
  return entry !== undefined && entry.kind !== 'folder' && entry.kind !== 'submodule';
}

function placeOf(path: string): { folder: string; name: string } {
  const cut = path.lastIndexOf('/');
  return { folder: cut < 0 ? '' : path.slice(0, cut), name: path.slice(cut + 1) };
}

/** A folder of a thousand services is asked a thousand times; most folders are small, and asked once. */
const manyEntries = 32;
const indexes = new WeakMap<readonly Entry[], ReadonlyMap<string, Entry>>();

function entryOf(entries: readonly Entry[], name: string): Entry | undefined {
  if (entries.length < manyEntries) return entries.find((entry) => entry.name === name);
  let index = indexes.get(entries);
  if (index === undefined) {
    index = new Map(entries.map((entry) => [entry.name, entry]));
    indexes.set(entries, index);
  }
  return index.get(name);
}

function notThere(id: string, type: string, commit: string): LaunchError {
  return new LaunchError(
    'BASE_UNAVAILABLE',
    `The ${type} ${id.slice(0, 12)} of the commit ${commit.slice(0, 12)} is not there.`,
    { remedy: 'Check that the clone is whole and that its remote answers.' },
  );
}
