/**
 * Read access to one state of a repository: a commit, or the working tree. Paths are POSIX, relative to the
 * top of the repository, never starting or ending with a slash; '' is the top itself.
 */
export interface RepositoryView {
  /** The children of a folder, or undefined when there is no folder at `path`. Symlinks are not followed. */
  entries(path: string): Promise<readonly Entry[] | undefined>;
  /** A file's content, or undefined when there is no file (or symlink: its target's text) at `path`. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** The same for many paths, in their order, where a view can do that quicker; see `entriesOfAll`. */
  entriesOfAll?(paths: readonly string[]): Promise<readonly (readonly Entry[] | undefined)[]>;
  readAll?(paths: readonly string[]): Promise<readonly (Uint8Array | undefined)[]>;
}

export async function entriesOfAll(
  view: RepositoryView,
  paths: readonly string[],
): Promise<readonly (readonly Entry[] | undefined)[]> {
  return view.entriesOfAll?.(paths) ?? Promise.all(paths.map((path) => view.entries(path)));
}

export async function readAll(
  view: RepositoryView,
  paths: readonly string[],
): Promise<readonly (Uint8Array | undefined)[]> {
  return view.readAll?.(paths) ?? Promise.all(paths.map((path) => view.read(path)));
}

export type EntryKind = 'file' | 'executable' | 'folder' | 'symlink' | 'submodule';

export interface Entry {
  /**
   * The name, decoded as UTF-8. Bytes that are not UTF-8 become U+DC80..U+DCFF (as Python's surrogateescape
   * does), so that two different names never look the same.
   */
  readonly name: string;
  readonly kind: EntryKind;
  /** Git's object id, in hexadecimal; in a working tree an empty text, since nothing is hashed there. */
  readonly id: string;
}

export function joinPath(...parts: readonly string[]): string {
  let path = '';
  for (const part of parts) if (part !== '') path = path === '' ? part : `${path}/${part}`;
  return path;
}

/** A path with `.` and `..` worked out; undefined when it leaves the repository. */
export function normalizePath(path: string): string | undefined {
  const out: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') out.push(part);
    else if (out.pop() === undefined) return undefined;
  }
  return out.join('/');
}

const decoder = new TextDecoder();

export async function readText(view: RepositoryView, path: string): Promise<string | undefined> {
  const bytes = await view.read(path);
  return bytes === undefined ? undefined : decoder.decode(bytes);
}
