import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Entry, EntryKind, RepositoryView } from '../../core/project/view.ts';

/** The files as they lie in `top`, the top folder of a checkout; `.git` is left out. */
export function workingTreeView(top: string): RepositoryView {
  return {
    async entries(path) {
      try {
        const children = await readdir(join(top, path), { withFileTypes: true });
        const entries = await Promise.all(
          children
            .filter((child) => child.name !== '.git')
            .map(async (child): Promise<Entry | undefined> => {
              const kind = child.isFile()
                ? await fileKind(join(top, path, child.name))
                : child.isSymbolicLink()
                  ? 'symlink'
                  : child.isDirectory()
                    ? 'folder'
                    : undefined;
              return kind === undefined ? undefined : { name: child.name, kind, id: '' };
            }),
        );
        return entries.filter((entry) => entry !== undefined);
      } catch (error) {
        return absent(error);
      }
    },
    async read(path) {
      const full = join(top, path);
      try {
        return (await lstat(full)).isSymbolicLink()
          ? Buffer.from(await readlink(full))
          : await readFile(full);
      } catch (error) {
        return absent(error);
      }
    },
  };
}

async function fileKind(path: string): Promise<EntryKind> {
  return ((await lstat(path)).mode & 0o111) === 0 ? 'file' : 'executable';
}

/** What is not there is undefined; what can't be read is a fault. */
function absent(error: unknown): undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return undefined;
  throw error;
}
