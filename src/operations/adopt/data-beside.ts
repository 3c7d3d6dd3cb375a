import { lstat, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { dataPlaces } from '../../core/deploy/adopted.ts';
import type { FoundContainer } from '../../core/deploy/found-container.ts';
import type { PairContext } from '../../core/deploy/pair-mounts.ts';
import type { DataLink } from '../../core/deploy/release.ts';

/**
 * Data of services that have no container now: it lies beside the compose file that the others were made from,
 * and would be missed when they are started again.
 */
export async function dataBeside(
  all: readonly FoundContainer[],
  { additions, state }: PairContext,
  folder: string,
): Promise<DataLink[]> {
  const working = all.find((it) => it.workingFolder.startsWith('/'))?.workingFolder;
  if (working === undefined || working === state || working.startsWith(`${state}/`)) return [];
  const found = await Promise.all(
    dataPlaces(additions, state).map(async (place) => {
      const from = join(working, relative(folder, place.slice('data/'.length)));
      return (await holdsSomething(from)) ? [{ place, from }] : [];
    }),
  );
  return found.flat();
}

async function holdsSomething(path: string): Promise<boolean> {
  const info = await lstat(path).catch(() => undefined);
  if (info === undefined) return false;
  return !info.isDirectory() || (await readdir(path).catch(() => ['unreadable'])).length > 0;
}
