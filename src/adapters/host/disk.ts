import { access, constants, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The nearest existing folder at or above `path`. */
async function nearestExisting(path: string): Promise<string> {
  try {
    await access(path);
    return path;
  } catch {
    return dirname(path) === path ? path : nearestExisting(dirname(path));
  }
}

/** Bytes that this user may still write to the file system that holds, or would hold, `path`. */
export async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(await nearestExisting(path));
  return bavail * bsize;
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
