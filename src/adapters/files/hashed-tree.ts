import { createHash } from 'node:crypto';
import { type Entry, joinPath, type RepositoryView } from '../../core/project/view.ts';
import { listFiles } from './file-list.ts';
import { workingTreeView } from './working-tree.ts';

interface Folder {
  readonly folders: Map<string, Folder>;
  /** By name, whatever is no folder. */
  readonly leaves: Set<string>;
}

/**
 * The files as they lie in the checkout at `top`, without those that git ignores, and with ids: of the same content the
 * same id, committed or not. They are other ids than git's.
 *
 * @param isLeftOut for paths of files that are there and do not count
 */
export async function hashedTree(
  top: string,
  isLeftOut: (path: string) => boolean = () => false,
): Promise<RepositoryView> {
  const { files } = await listFiles(top, true);
  const root = treeOf(files.map(({ path }) => path).filter((path) => !isLeftOut(path)));
  const lying = workingTreeView(top);
  const known = new Map<string, Promise<readonly Entry[] | undefined>>();

  const folderAt = (path: string): Folder | undefined =>
    path === ''
      ? root
      : path.split('/').reduce<Folder | undefined>((at, name) => at?.folders.get(name), root);

  const entriesNow = async (path: string): Promise<readonly Entry[] | undefined> => {
    const folder = folderAt(path);
    if (folder === undefined) return undefined;
    const there = (await lying.entries(path)) ?? [];
    const listed = there.filter(({ name }) => folder.folders.has(name) || folder.leaves.has(name));
    return await Promise.all(
      listed.map(async (entry) => ({ ...entry, id: await idOf(entry, joinPath(path, entry.name)) })),
    );
  };
  const idOf = async (entry: Entry, path: string): Promise<string> => {
    const hash = createHash('sha256');
    if (entry.kind === 'folder') {
      for (const child of (await entries(path)) ?? [])
        hash.update(`${child.kind}\0${child.name}\0${child.id}\0`);
    } else if (entry.kind !== 'submodule') {
      hash.update((await lying.read(path)) ?? '');
    }
    return hash.digest('hex');
  };
  const entries = (path: string): Promise<readonly Entry[] | undefined> => {
    const found = known.get(path) ?? entriesNow(path);
    known.set(path, found);
    return found;
  };
  return { entries, read: (path) => lying.read(path) };
}

function treeOf(paths: readonly string[]): Folder {
  const root: Folder = { folders: new Map(), leaves: new Set() };
  for (const path of paths) {
    const names = path.split('/');
    const leaf = names.pop();
    let at = root;
    for (const name of names) {
      const next = at.folders.get(name) ?? { folders: new Map(), leaves: new Set() };
      at.folders.set(name, next);
      at = next;
    }
    if (leaf !== undefined) at.leaves.add(leaf);
  }
  return root;
}
