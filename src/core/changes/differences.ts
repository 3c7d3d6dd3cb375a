import { type Entry, joinPath, type RepositoryView } from '../project/view.ts';
import { type Found, foundAt } from './walk.ts';

/** One file that is not the same in two states; `path` is where it is now, or was. */
export interface Difference {
  readonly path: string;
  readonly change: 'added' | 'changed' | 'deleted';
}

export interface Differences {
  readonly found: readonly Difference[];
  /** True when the search ended at its limit. */
  readonly more: boolean;
}

export interface Side {
  readonly view: RepositoryView;
  readonly path: string;
}

export interface Search {
  /** Whether a file counts; told the path in the newer state, also of what is gone. */
  accepts(path: string): boolean;
  readonly limit: number;
}

/**
 * The files that differ below a path of an older and a newer state. Folders with the same id are not looked
 * into, and the search ends at the limit, so that its cost does not grow with the size of the change.
 */
export async function findDifferences(older: Side, newer: Side, search: Search): Promise<Differences> {
  const [before, after] = await Promise.all([
    foundAt(older.view, older.path),
    foundAt(newer.view, newer.path),
  ]);
  const found: Difference[] = [];
  // One more than asked for, to know whether there is more.
  const walk = { older: older.view, newer: newer.view, search, enough: search.limit + 1, found };
  await compare(walk, { before, after, path: newer.path });
  return { found: found.slice(0, search.limit), more: found.length > search.limit };
}

interface Walk {
  readonly older: RepositoryView;
  readonly newer: RepositoryView;
  readonly search: Search;
  readonly enough: number;
  readonly found: Difference[];
}

interface Pair {
  readonly before: Found | undefined;
  readonly after: Found | undefined;
  readonly path: string;
}

async function compare(walk: Walk, pair: Pair): Promise<void> {
  const { before, after, path } = pair;
  if (before?.id === after?.id && before?.kind === after?.kind) return;
  const [was, is] = [isLeaf(before), isLeaf(after)];
  if ((was || is) && walk.search.accepts(path)) {
    walk.found.push({ path, change: was && is ? 'changed' : is ? 'added' : 'deleted' });
  }
  for (const child of await childrenOf(walk, pair)) {
    if (walk.found.length >= walk.enough) return;
    await compare(walk, child);
  }
}

function isLeaf(it: Found | undefined): boolean {
  return it !== undefined && it.kind !== 'folder';
}

async function childrenOf(walk: Walk, { before, after, path }: Pair): Promise<Pair[]> {
  const [old, now] = await Promise.all([
    before?.kind === 'folder' ? walk.older.entries(before.path) : undefined,
    after?.kind === 'folder' ? walk.newer.entries(after.path) : undefined,
  ]);
  const was = byName(before?.path ?? '', old ?? []);
  const is = byName(after?.path ?? '', now ?? []);
  const names = [...new Set([...was.keys(), ...is.keys()])].sort();
  return names.map((name) => ({ before: was.get(name), after: is.get(name), path: joinPath(path, name) }));
}

function byName(folder: string, entries: readonly Entry[]): Map<string, Found> {
  return new Map(
    entries.map(({ name, kind, id }) => [name, { path: joinPath(folder, name), kind, id }] as const),
  );
}
