import { type Dirent, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type Entry, type EntryKind, joinPath, type RepositoryView } from '../../core/project/view.ts';

/**
 * The files as they lie in `top`, the top folder of a checkout; `.git` is left out. The calls are synchronous
 * inside: for thousands of small reads that takes a fifth of the time, and nothing else waits meanwhile.
 */
export function workingTreeView(top: string): RepositoryView {
  let submodules: ReadonlySet<string> | undefined;
  const isSubmodule = (path: string) => {
    submodules ??= submodulePaths(join(top, '.gitmodules'));
    return submodules.has(path);
  };
  return {
    async entries(path) {
      try {
        return readdirSync(join(top, path), { withFileTypes: true }).flatMap((child): Entry[] => {
          const kind = child.name === '.git' ? undefined : kindOf(child, join(top, path, child.name));
          if (kind === undefined) return [];
          const isLink = kind === 'folder' && isSubmodule(joinPath(path, child.name));
          return [{ name: child.name, kind: isLink ? 'submodule' : kind, id: '' }];
        });
      } catch (error) {
        return absent(error);
      }
    },
    async read(path) {
      const full = join(top, path);
      try {
        return lstatSync(full).isSymbolicLink() ? Buffer.from(readlinkSync(full)) : readFileSync(full);
      } catch (error) {
        return absent(error);
      }
    },
  };
}

/**
 * Where submodules are, checked out or not: without this an empty folder of one would pass for nothing, while a
 * commit knows better.
 */
function submodulePaths(file: string): ReadonlySet<string> {
  try {
    const lines = readFileSync(file, 'utf8').split('\n');
    return new Set(lines.flatMap((line) => /^\s*path\s*=\s*(.*\S)\s*$/.exec(line)?.[1] ?? []));
  } catch (error) {
    return new Set(absent(error) ?? []);
  }
}

/** Undefined for sockets, devices and the like, which git does not know. */
function kindOf(child: Dirent, path: string): EntryKind | undefined {
  if (child.isFile()) return (lstatSync(path).mode & 0o111) === 0 ? 'file' : 'executable';
  if (child.isSymbolicLink()) return 'symlink';
  return child.isDirectory() ? 'folder' : undefined;
}

/** What is not there is undefined; what can't be read is a fault. */
function absent(error: unknown): undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return undefined;
  throw error;
}
