import { join } from 'node:path';
import { freeSpace } from '../../adapters/host/disk.ts';
import { assertSpace, leastForState } from '../../core/deploy/space.ts';
import type { Deployment } from './deployment.ts';

/** @throws LaunchError DISK_FULL when there is hardly room left for what Launch itself keeps. */
export async function assertRoom({ stateRoot, stateFolder }: Deployment): Promise<void> {
  const path = join(stateRoot, stateFolder);
  assertSpace({ of: 'state', path, free: await freeSpace(path) }, leastForState);
}
