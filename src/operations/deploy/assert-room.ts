import { join } from 'node:path';
import { freeBytes } from '../../adapters/host/disk.ts';
import { assertSpace, leastForState } from '../../core/deploy/space.ts';
import type { Deployment } from './deployment.ts';

/** @throws LaunchError DISK_FULL when there is hardly room left for what Launch itself keeps. */
export async function assertRoom({ stateRoot, stateFolder }: Deployment): Promise<void> {
  const path = join(stateRoot, stateFolder);
  assertSpace({ what: 'the state folder', path, free: await freeBytes(path) }, leastForState);
}
