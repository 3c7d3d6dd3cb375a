import { LaunchError } from '../../core/errors.ts';
import type { Entry, RepositoryView } from '../../core/project/view.ts';
import type { ObjectReader } from './object-reader.ts';
import { parseTree } from './tree.ts';

/** Folders that were read before, by git's id: between two commits nearly all of them are the same. */
export type TreeCache = Map<string, readonly Entry[]>;

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
  cache: TreeCache = new Map(),
): RepositoryView {
  let top: Promise<string> | undefined;

  const dataOf = async (ids: readonly string[], type: string): Promise<readonly Buffer[]> => {
    const objects = await reader.readAll(ids);
    return objects.map((object, index) => {
      if (object?.type === type) return object.data;
      throw notThere(ids[index] ?? '', type, commit);
    });
  };

  const topTree = async (): Promise<string> => {
    const [data] = await dataOf([commit], 'commit');
    return parseCommit(data ?? Buffer.alloc(0)).tree;
  };

  /** The entries of trees, each read only once. */
  const treesOf = async (ids: readonly (string | undefined)[]): Promise<(readonly Entry[] | undefined)[]> => {
    const lacking = new Set<string>();
    for (const id of ids) if (id !== undefined && !cache.has(id)) lacking.add(id);
    const asked = [...lacking];
    const data = await dataOf(asked, 'tree');
    for (const [index, id] of asked.entries()) {
      cache.set(id, parseTree(data[index] ?? Buffer.alloc(0), id.length / 2));
    }
    return ids.map((id) => (id === undefined ? undefined : cache.get(id)));
  };

  /** The trees of the folders among these paths. */
  const treeIdsOf = async (paths: readonly string[]): Promise<(string | undefined)[]> => {
    const below = paths.filter((path) => path !== '');
    if (below.length < paths.length) top ??= topTree();
    const [topId, found] = [await top, below.length === 0 ? [] : await find(below)];
    let next = 0;
    return paths.map((path) => {
      if (path === '') return topId;
      const entry = found[next++];
      return entry?.kind === 'folder' ? entry.id : undefined;
    });
  };

  /** What is at each path. A thousand siblings cost one look into their folder. */
  const find = async (paths: readonly string[]): Promise<(Entry | undefined)[]> => {
    const folders = [...new Set(paths.map(folderOf))];
    const entries = await treesOf(await treeIdsOf(folders));
    const siblings = new Map(folders.map((folder, index) => [folder, entries[index] ?? []]));
    return paths.map((path) => entryOf(siblings.get(folderOf(path)) ?? [], nameOf(path)));
  };

  const entriesOfAll = async (paths: readonly string[]) => treesOf(await treeIdsOf(paths));

  const readAll = async (paths: readonly string[]): Promise<(Uint8Array | undefined)[]> => {
    const found = await find(paths);
    const ids = found.map((entry) => (isFile(entry) ? entry.id : undefined));
    const data = await dataOf(
      ids.filter((id) => id !== undefined),
      'blob',
    );
    let next = 0;
    return ids.map((id) => (id === undefined ? undefined : data[next++]));
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

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
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
