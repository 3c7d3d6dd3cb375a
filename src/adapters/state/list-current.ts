import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Release } from '../../core/deploy/release.ts';
import { openServiceState } from './service-state.ts';

export interface CurrentRelease extends Release {
  /** The service's state folder. */
  readonly folder: string;
  readonly stateFolder: string;
}

/** The release that serves of every service on this host. */
export async function listCurrent(stateRoot: string): Promise<CurrentRelease[]> {
  let folders = [stateRoot];
  // owner, repository, target, service
  for (let depth = 0; depth < 4; depth += 1) {
    const inside = await Promise.all(
      folders.map(async (folder) => {
        const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
        return entries.filter((it) => it.isDirectory()).map((it) => join(folder, it.name));
      }),
    );
    folders = inside.flat();
  }
  const releases = await Promise.all(
    folders.map(async (stateFolder) => {
      const release = await openServiceState(stateFolder, false).readCurrent();
      return release === undefined ? [] : [{ ...release, stateFolder }];
    }),
  );
  return releases.flat();
}
