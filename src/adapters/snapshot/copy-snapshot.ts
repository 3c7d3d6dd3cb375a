import { constants } from 'node:fs';
import { cp } from 'node:fs/promises';
import { onDisk } from '../state/on-disk.ts';

/** A snapshot once more, links as links and scripts still executable; shares the disk's blocks where it can. */
export async function copySnapshot(from: string, to: string): Promise<void> {
  await onDisk(
    to,
    async () =>
      await cp(from, to, {
        recursive: true,
        verbatimSymlinks: true,
        errorOnExist: true,
        force: false,
        mode: constants.COPYFILE_FICLONE,
      }),
  );
}
