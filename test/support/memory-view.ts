import type { Entry, RepositoryView } from '../../src/core/project/view.ts';

/** A file's text or bytes; a symlink or a submodule says so. */
export type MemoryFile = string | Uint8Array | { readonly symlink: string } | { readonly submodule: string };

/** A repository's state in memory, with made-up object ids, for tests of what only reads one. */
export function memoryView(files: Readonly<Record<string, MemoryFile>>): RepositoryView {
  const folders = new Map<string, Map<string, Entry>>([['', new Map()]]);
  for (const [path, file] of Object.entries(files)) {
    const parts = path.split('/');
    parts.forEach((name, index) => {
      const parent = parts.slice(0, index).join('/');
      const isLast = index === parts.length - 1;
      const siblings = folders.get(parent) ?? new Map<string, Entry>();
      folders.set(parent, siblings);
      siblings.set(name, {
        name,
        kind: isLast ? kindOf(file) : 'folder',
        id: `id of ${[parent, name].filter(Boolean).join('/')}`,
      });
    });
  }
  return {
    entries: async (path) => {
      const folder = folders.get(path);
      return folder === undefined ? undefined : [...folder.values()];
    },
    read: async (path) => {
      const file = Object.hasOwn(files, path) ? files[path] : undefined;
      if (file === undefined || (typeof file === 'object' && 'submodule' in file)) return undefined;
      if (typeof file === 'object' && 'symlink' in file) return Buffer.from(file.symlink);
      return Buffer.from(file);
    },
  };
}

function kindOf(file: MemoryFile): Entry['kind'] {
  if (typeof file === 'string' || file instanceof Uint8Array) return 'file';
  return 'symlink' in file ? 'symlink' : 'submodule';
}
