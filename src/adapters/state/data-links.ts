import { lstat, mkdir, readdir, readlink, realpath, rmdir, stat, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DataLink } from '../../core/deploy/release.ts';
import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';
import { codeOf, onDisk } from './on-disk.ts';

/**
 * Whether a place for data is free for a link, or is one to the same folder already.
 *
 * @throws LaunchError CONFIG_INVALID when there is other data
 */
export async function assertLinkable(state: string, { place, from }: DataLink): Promise<void> {
  const path = join(state, place);
  const info = await lstat(path).catch(() => undefined);
  if (info === undefined || (await isSamePlace(path, from))) return;
  if (info.isDirectory() && (await readdir(path)).length === 0) return;
  throw new LaunchError(
    'CONFIG_INVALID',
    `The containers keep their data in ${printable(from)}, but there is other data of this service in ${printable(path)}.`,
    { remedy: 'Nothing has been changed. See which of the two is right, and move the other one away.' },
  );
}

/** Makes a place for data stand for a folder or file elsewhere. Done again, it comes to the same. */
export async function linkData(state: string, link: DataLink): Promise<void> {
  const path = join(state, link.place);
  await assertLinkable(state, link);
  if (await isSamePlace(path, link.from)) return;
  await onDisk(path, async () => {
    await mkdir(dirname(path), { recursive: true, mode: 0o755 });
    // Empty, as asserted; anything else makes this fail.
    await rmdir(path).catch((error: unknown) => {
      if (codeOf(error) !== 'ENOENT') throw error;
    });
    await symlink(link.from, path);
  });
}

/**
 * A link that leads to nothing would make a container start with an empty folder.
 *
 * @throws LaunchError DEPLOY_FAILED
 */
export async function assertDataThere(state: string, places: readonly string[]): Promise<void> {
  for (const place of places) {
    let path = state;
    for (const part of place.split('/')) {
      path = join(path, part);
      const info = await lstat(path).catch(() => undefined);
      if (info === undefined) break;
      if (!info.isSymbolicLink() || (await isThere(path))) continue;
      throw new LaunchError(
        'DEPLOY_FAILED',
        `The data of this service is gone: ${printable(await readlink(path))} is not there any more.`,
        {
          remedy: `Nothing has been changed. Bring it back, or where it has moved to, point ${printable(path)} there.`,
        },
      );
    }
  }
}

/** Whether both lead to one and the same file or folder, by way of links or not. */
export async function isSamePlace(a: string, b: string): Promise<boolean> {
  const [left, right] = await Promise.all([a, b].map((it) => realpath(it).catch(() => undefined)));
  return left !== undefined && left === right;
}

async function isThere(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
