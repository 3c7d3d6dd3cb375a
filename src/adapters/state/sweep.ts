import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isReleaseId } from '../../core/deploy/release.ts';
import { layout } from '../../core/deploy/state-layout.ts';

const isDraft = (name: string) => name.endsWith('.new');

/** Removes what a killed run has left half-written in a service's state. */
export async function sweepState(folder: string): Promise<void> {
  const releases = join(folder, layout.releases);
  await removeFrom(folder, isDraft);
  await removeFrom(releases, isDraft);
  await removeFrom(join(folder, layout.mounts), isDraft);
  for (const id of (await namesIn(releases)).filter(isReleaseId)) {
    await removeFrom(join(releases, id), (name) => isDraft(name) || name === layout.reserve);
  }
}

async function removeFrom(folder: string, isLeft: (name: string) => boolean): Promise<void> {
  for (const name of (await namesIn(folder)).filter(isLeft)) {
    await rm(join(folder, name), { recursive: true, force: true });
  }
}

async function namesIn(folder: string): Promise<string[]> {
  return await readdir(folder).catch(() => []);
}
