import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';

/** Runs a piece of work on the disk; a full disk or a folder without access reads as such. */
export async function onDisk<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const code = codeOf(cause);
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      throw new LaunchError('DISK_FULL', `There is no space left at ${printable(path)}.`, {
        remedy: 'Free space there, or name another folder as `state-dir`, then deploy again.',
        cause,
      });
    }
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
      throw new LaunchError('CONFIG_INVALID', `Launch may not write to ${printable(path)}.`, {
        remedy: "Let the runner's user write there, or name another folder as `state-dir`.",
        cause,
      });
    }
    throw cause;
  }
}

/** The system's name of a fault, such as ENOSPC. */
export function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

/** A file appears with its whole new content or keeps the old one, also when the power goes. */
export async function writeWhole(path: string, content: string, mode = 0o600): Promise<void> {
  await onDisk(path, async () => {
    const draft = `${path}.new`;
    try {
      const file = await open(draft, 'w', mode);
      try {
        await file.writeFile(content);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(draft, path);
      await syncFolder(dirname(path));
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  });
}

/** A rename is on the disk only once its folder is. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Adds a line that is on the disk when this returns. */
export async function appendLine(path: string, line: string, mode = 0o600): Promise<void> {
  await onDisk(path, async () => {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, 'a+', mode);
    try {
      // A line that a kill has cut short must not swallow this one.
      const { size } = await file.stat();
      const last = size === 0 ? '\n' : (await file.read(Buffer.alloc(1), 0, 1, size - 1)).buffer.toString();
      await file.writeFile(`${last === '\n' ? '' : '\n'}${line}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
  });
}
