import { createHash } from 'node:crypto';

/**
 * The start of the names by which the images of a service's releases are kept: neither `docker image prune` nor a
 * tag that moves on takes an image away that still has a name. `launch.local` is no registry, so nobody pulls or
 * pushes them by mistake. `folder` is the service's state folder, which tells two services of one name apart.
 */
export function keptImagePrefix(service: string, folder: string): string {
  return `launch.local/${service}-${hash(folder)}/`;
}

/** One image of a release. */
export function keptImageName(prefix: string, composeService: string, release: string): string {
  const safe = composeService
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  const part = safe === composeService ? safe : `${safe === '' ? 'service' : safe}-${hash(composeService)}`;
  return `${prefix}${part}:${release}`;
}

/** Whether some service's release keeps it. */
export function isKeptImageName(name: string): boolean {
  return name.startsWith('launch.local/');
}

/** The release that a name keeps an image for. */
export function releaseOfKeptImage(name: string): string {
  return name.slice(name.lastIndexOf(':') + 1);
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
