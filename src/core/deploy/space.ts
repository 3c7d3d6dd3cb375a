import { LaunchError } from '../errors.ts';
import { printable } from '../names.ts';

/** With less than this a pull or a build is likely to fill the disk, and with it every service of the host. */
export const leastForImages = 512 * 1024 ** 2;

/** A snapshot and its mounts are small; what they need beyond this they find out by themselves. */
export const leastForState = 256 * 1024;

/** A release is some dozens of files. A file system can run out of them with most of its bytes free. */
export const leastFiles = 100;

/** What may still be written to a file system. */
export interface FreeSpace {
  readonly bytes: number;
  /** How many more files (inodes) it takes; undefined where it has no such bound. */
  readonly files: number | undefined;
}

export interface SpacePlace {
  /** `images`: where the Docker Engine keeps its data. */
  readonly of: 'state' | 'images';
  readonly path: string;
  readonly free: FreeSpace;
}

/** @throws LaunchError DISK_FULL */
export function assertSpace({ of, path, free }: SpacePlace, least: number): void {
  const disk = `the disk of ${of === 'state' ? 'the state folder' : 'Docker'} (${printable(path)})`;
  if (free.files !== undefined && free.files < leastFiles) {
    throw new LaunchError(
      'DISK_FULL',
      `Only ${free.files} more files (inodes) fit on ${disk}; a deployment wants ${leastFiles}.`,
      {
        remedy: `Nothing has been changed. ${freeFiles(of)}, then deploy again; \`df -i\` shows how many fit.`,
      },
    );
  }
  if (free.bytes >= least) return;
  throw new LaunchError(
    'DISK_FULL',
    `Only ${formatBytes(free.bytes)} are free on ${disk}; a deployment wants ${formatBytes(least)}.`,
    { remedy: `Nothing has been changed. ${freeSomeSpace(of)}, then deploy again.` },
  );
}

/** How to get bytes back, by whose disk it is; without a full stop. */
export function freeSomeSpace(of: SpacePlace['of']): string {
  return of === 'images'
    ? 'Free some space there, for example with `docker image prune` (`docker system df` shows what takes it)'
    : 'Free some space there, or keep fewer releases (`--keep-releases`, the input `keep-releases`)';
}

/** The same for a disk that takes no more files. */
export function freeFiles(of: SpacePlace['of']): string {
  return of === 'images'
    ? 'Remove files there, for example with `docker image prune`'
    : 'Remove files there: many small ones use them up while bytes are free';
}

/** Rounded down, so that what is short of a bound never reads as the bound: `512 MiB`, `1.5 GiB`, `96 KiB`. */
export function formatBytes(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const;
  let [size, unit] = [bytes, 0];
  while (size >= 1024 && unit < units.length - 1) [size, unit] = [size / 1024, unit + 1];
  const shown = unit < 3 ? Math.floor(size) : Math.floor(size * 10) / 10;
  return `${shown} ${units[unit] ?? ''}`;
}
