import { LaunchError } from '../../core/errors.ts';
import type { Entry, RepositoryView } from '../../core/project/view.ts';
import type { ObjectReader } from './object-reader.ts';
import { parseTree } from './tree.ts';

/** Folders that were read before, by git's id: between two commits nearly all of them are the same. */
export type TreeCache = Map<string, CachedTree>;

interface CachedTree {
  readonly loading: Promise<readonly Entry[]>;
  /** There once it is loaded. */
  entries: readonly Entry[] | undefined;
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
  cache: TreeCache = new Map(),
): RepositoryView {
  /** The trees of the folders that were asked for; undefined for what is no folder. */
  const trees = new Map<string, CachedTree | undefined>();

  const dataOf = (id: string, type: string): Promise<Buffer> =>
    reader.read(id).then((object) => {
      if (object?.type === type) return object.data;
      throw notThere(id, type, commit);
    });

  const treeOf = (id: string): CachedTree => {
    const known = cache.get(id);
    if (known !== undefined) return known;
    const loading = dataOf(id, 'tree').then((data) => {
      tree.entries = parseTree(data, id.length / 2);
      return tree.entries;
    });
    const tree: CachedTree = { loading, entries: undefined };
    cache.set(id, tree);
    return tree;
  };

  /** Without waiting where the folder above is known: a thousand services are asked for at once. */
  const entriesOf = (path: string): Promise<readonly Entry[] | undefined> => {
    if (trees.has(path)) return trees.get(path)?.loading ?? nothing;
    if (path === '') {
      return dataOf(commit, 'commit').then((data) => {
        const tree = treeOf(parseCommit(data).tree);
        trees.set('', tree);
        return tree.loading;
      });
    }
    const above = folderOf(path);
    const siblings = trees.get(above)?.entries;
    if (siblings === undefined) {
      return entriesOf(above).then((found) => (found === undefined ? undefined : entriesOf(path)));
    }
    const entry = find(siblings, nameOf(path));
    const tree = entry?.kind === 'folder' ? treeOf(entry.id) : undefined;
    trees.set(path, tree);
    return tree?.loading ?? nothing;
  };

  const read = (path: string): Promise<Uint8Array | undefined> => {
    const above = folderOf(path);
    const siblings = trees.get(above)?.entries;
    if (siblings === undefined) {
      return entriesOf(above).then((found) => (found === undefined ? undefined : read(path)));
    }
    const entry = find(siblings, nameOf(path));
    const isFile = entry !== undefined && entry.kind !== 'folder' && entry.kind !== 'submodule';
    return isFile ? dataOf(entry.id, 'blob') : nothing;
  };

  return { entries: entriesOf, read };
}

const nothing = Promise.resolve(undefined);

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** A folder of a thousand services is asked a thousand times; most folders are small, and asked once. */
const manyEntries = 32;
const indexes = new WeakMap<readonly Entry[], ReadonlyMap<string, Entry>>();

function find(entries: readonly Entry[], name: string): Entry | undefined {
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
