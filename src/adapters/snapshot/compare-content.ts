import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../state/on-disk.ts';

/** How a file or folder differs from what it should be; paths are relative to it, '' is itself. */
export interface ContentDifference {
  /** Other content, or another kind of file. */
  readonly changed: readonly string[];
  readonly missing: readonly string[];
  /** There, but not among what should be. */
  readonly extra: readonly string[];
}

/**
 * Compares a file or folder with one that it should equal: names, kinds, contents and where symlinks lead. Owners,
 * times and modes play no part: git knows none of them but whether a file is executable.
 *
 * @throws the system's error for what can't be read
 */
export async function compareContent(found: string, wanted: string): Promise<ContentDifference> {
  const difference = { changed: [] as string[], missing: [] as string[], extra: [] as string[] };
  await compare(found, wanted, '', difference);
  return difference;
}

export function isEqual({ changed, missing, extra }: ContentDifference): boolean {
  return changed.length + missing.length + extra.length === 0;
}

type Found = { readonly changed: string[]; readonly missing: string[]; readonly extra: string[] };

async function compare(found: string, wanted: string, path: string, difference: Found): Promise<void> {
  const [is, should] = [await kindOf(found), await kindOf(wanted)];
  if (is === undefined && should === undefined) return;
  if (is === undefined) difference.missing.push(path);
  else if (should === undefined) difference.extra.push(path);
  else if (is !== should) difference.changed.push(path);
  else if (is === 'folder') {
    const names = new Set([...(await readdir(found)), ...(await readdir(wanted))]);
    for (const name of [...names].sort()) {
      const inner = path === '' ? name : `${path}/${name}`;
      await compare(join(found, name), join(wanted, name), inner, difference);
    }
  } else if (!(await isSame(is, found, wanted))) difference.changed.push(path);
}

async function isSame(kind: string, found: string, wanted: string): Promise<boolean> {
  if (kind === 'link') return (await readlink(found)) === (await readlink(wanted));
  if (kind !== 'file') return false;
  const [a, b] = await Promise.all([lstat(found), lstat(wanted)]);
  return a.size === b.size && (await readFile(found)).equals(await readFile(wanted));
}

async function kindOf(path: string): Promise<'folder' | 'file' | 'link' | 'other' | undefined> {
  try {
    const info = await lstat(path);
    if (info.isDirectory()) return 'folder';
    if (info.isFile()) return 'file';
    return info.isSymbolicLink() ? 'link' : 'other';
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
