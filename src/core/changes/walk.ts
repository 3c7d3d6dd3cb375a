import { entryAt } from '../project/discover.ts';
import { type Entry, type EntryKind, joinPath, type RepositoryView } from '../project/view.ts';
import type { PathPattern } from './pattern.ts';

/** A path of one state of a repository, with what is there. */
export interface Found {
  readonly path: string;
  readonly kind: EntryKind;
  readonly id: string;
}

/** What a pattern names, sorted by path; of a pattern that means a whole folder just that folder's id. */
export async function contentOf(view: RepositoryView, pattern: PathPattern): Promise<Found[]> {
  const start = await foundAt(view, pattern.start);
  if (start === undefined) return [];
  if (pattern.whole) return [start];
  return leavesOf(view, start, (path) => pattern.matches(path));
}

/** Every file, symlink and submodule at or below `at` that `accepts` takes, sorted by path. */
export async function leavesOf(
  view: RepositoryView,
  at: Found,
  accepts: (path: string) => boolean,
): Promise<Found[]> {
  if (at.kind !== 'folder') return accepts(at.path) ? [at] : [];
  const entries = (await view.entries(at.path)) ?? [];
  const below = await Promise.all(entries.map((entry) => leavesOf(view, found(at.path, entry), accepts)));
  return below.flat().sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** What is at a path; the top is a folder without an id of its own, so its children's ids stand for it. */
export async function foundAt(view: RepositoryView, path: string): Promise<Found | undefined> {
  if (path !== '') {
    const entry = await entryAt(view, path);
    return entry === undefined ? undefined : { path, kind: entry.kind, id: entry.id };
  }
  const entries = await view.entries('');
  return (
    entries && {
      path,
      kind: 'folder',
      id: entries.map((it) => `${it.name}\0${it.kind}\0${it.id}`).join('\0'),
    }
  );
}

function found(folder: string, entry: Entry): Found {
  return { path: joinPath(folder, entry.name), kind: entry.kind, id: entry.id };
}
