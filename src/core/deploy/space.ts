import { LaunchError } from '../errors.ts';
import { printable } from '../names.ts';

/** With less than this a pull or a build is likely to fill the disk, and with it every service of the host. */
export const leastForImages = 512 * 1024 ** 2;

/** A snapshot and its mounts are small; what they need beyond this they find out by themselves. */
export const leastForState = 256 * 1024;

/** @throws LaunchError DISK_FULL */
export function assertSpace(
  place: { readonly what: string; readonly path: string; readonly free: number },
  least: number,
): void {
  if (place.free >= least) return;
  throw new LaunchError(
    'DISK_FULL',
    `Only ${megabytes(place.free)} are free on the disk of ${place.what} (${printable(place.path)}); a deployment wants ${megabytes(least)}.`,
    {
      remedy:
        'Nothing has been changed. Free some space there, for example with `docker image prune`, then deploy again.',
    },
  );
}

function megabytes(bytes: number): string {
  return `${Math.floor(bytes / 1024 ** 2)} MiB`;
}
