import type { Release } from '../../core/deploy/release.ts';
import { serviceFolders } from './service-folders.ts';
import { openServiceState } from './service-state.ts';

export interface CurrentRelease extends Release {
  /** The service's own, absolute. */
  readonly stateFolder: string;
}

/** The release that serves of every service on this host. */
export async function listCurrent(stateRoot: string): Promise<CurrentRelease[]> {
  const releases = await Promise.all(
    (await serviceFolders(stateRoot)).map(async (stateFolder) => {
      const release = await openServiceState(stateFolder, false).readCurrent();
      return release === undefined ? [] : [{ ...release, stateFolder }];
    }),
  );
  return releases.flat();
}
