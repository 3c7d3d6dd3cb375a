import { access, constants, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { FreeSpace } from '../../core/deploy/space.ts';

/** The nearest existing folder at or above `path`. */
async function nearestExisting(path: string): Promise<string> {
  try {
    await access(path);
    return path;
  } catch {
    return dirname(path) === path ? path : nearestExisting(dirname(path));
  }
}

/** What this user may still write to the file system that holds, or would hold, `path`. */
export async function freeSpace(path: string): Promise<FreeSpace> {
  const { bavail, bsize, files, ffree } = await statfs(await nearestExisting(path));
  // Some file systems, such as btrfs, have no fixed number of files, and say that there are none at all.
  return { bytes: bavail * bsize, files: files === 0 ? undefined : ffree };
}

/** Whether files can be made in `path`, or in the folder in which it would be made. */
export async function isWritable(path: string): Promise<boolean> {
  try {
    await access(await nearestExisting(path), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
