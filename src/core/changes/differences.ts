import { type Entry, entriesOfAll, joinPath, type RepositoryView } from '../project/view.ts';
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
 * The files that differ below a path of an older and a newer state, sorted. Folders with the same id are not
 * looked into, and the search ends at the limit, so that its cost does not grow with the size of the change.
 */
export async function findDifferences(older: Side, newer: Side, search: Search): Promise<Differences> {
  const [before, after] = await Promise.all([
    foundAt(older.view, older.path),
    foundAt(newer.view, newer.path),
  ]);
  const found: Difference[] = [];
  // One more than asked for, to know whether there is more.
  const enough = search.limit + 1;
  let pairs: Pair[] = [{ before, after, path: newer.path }].filter(differs);
  while (pairs.length > 0 && found.length < enough) {
    // Folders are read many at a time, and not more than could be needed: each holds a difference at least.
    const batch = pairs.slice(0, enough - found.length);
    for (const { before: was, after: is, path } of batch) {
      if ((isLeaf(was) || isLeaf(is)) && search.accepts(path)) {
        found.push({ path, change: isLeaf(was) ? (isLeaf(is) ? 'changed' : 'deleted') : 'added' });
      }
    }
    pairs = [...(await childrenOf(older.view, newer.view, batch)), ...pairs.slice(batch.length)];
  }
  found.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { found: found.slice(0, search.limit), more: found.length > search.limit };
}

interface Pair {
  readonly before: Found | undefined;
  readonly after: Found | undefined;
  readonly path: string;
}

function differs({ before, after }: Pair): boolean {
  return before?.id !== after?.id || before?.kind !== after?.kind;
}

function isLeaf(it: Found | undefined): boolean {
  return it !== undefined && it.kind !== 'folder';
}

/** What differs directly in the folders among these. */
async function childrenOf(
  older: RepositoryView,
  newer: RepositoryView,
  pairs: readonly Pair[],
): Promise<Pair[]> {
  const [were, are] = await Promise.all([
    foldersOf(
      older,
      pairs.map(({ before }) => before),
    ),
    foldersOf(
      newer,
      pairs.map(({ after }) => after),
    ),
  ]);
  return pairs.flatMap(({ path }, index) => {
    const [was, is] = [were[index] ?? new Map<string, Found>(), are[index] ?? new Map<string, Found>()];
    return [...new Set([...was.keys(), ...is.keys()])]
      .sort()
      .map((name) => ({ before: was.get(name), after: is.get(name), path: joinPath(path, name) }))
      .filter(differs);
  });
}

/** The children of each that is a folder, by name. */
async function foldersOf(
  view: RepositoryView,
  places: readonly (Found | undefined)[],
): Promise<(ReadonlyMap<string, Found> | undefined)[]> {
  const folders = places.filter((place) => place?.kind === 'folder').map((place) => place?.path ?? '');
  const entries = await entriesOfAll(view, folders);
  let next = 0;
  return places.map((place) =>
    place?.kind === 'folder' ? byName(place.path, entries[next++] ?? []) : undefined,
  );
}

function byName(folder: string, entries: readonly Entry[]): Map<string, Found> {
  return new Map(
    entries.map(({ name, kind, id }) => [name, { path: joinPath(folder, name), kind, id }] as const),
  );
}
