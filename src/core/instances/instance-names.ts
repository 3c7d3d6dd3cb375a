import { defaultResourceName, isWorkerName } from '../cloudflare/worker-name.ts';
import { LaunchError } from '../errors.ts';
import { printable } from '../names.ts';
import type { Instance } from './instance.ts';

/** What tells the copy of a worker whose it is: a variable that every version of it has. */
export const instanceVariable = 'INSTANCE_ID';

/**
 * `<worker>-<instance>`
 *
 * @throws LaunchError CONFIG_INVALID when that is too long
 */
export function copyName(worker: string, { id, file }: Pick<Instance, 'id' | 'file'>): string {
  const name = `${worker}-${id}`;
  if (isWorkerName(name)) return name;
  throw tooLong('worker', name, file);
}

/** What the copy's namespace for `binding` is called: as wrangler would call it. */
export function namespaceTitle(copy: string, binding: string): string {
  return defaultResourceName(copy, binding);
}

/** @throws LaunchError CONFIG_INVALID when that is too long */
export function derivedBucket(bucket: string, { id, file }: Pick<Instance, 'id' | 'file'>): string {
  const name = `${bucket}-${id}`;
  if (/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(name)) return name;
  throw tooLong('bucket', name, file);
}

function tooLong(kind: string, name: string, file: string): LaunchError {
  return new LaunchError('CONFIG_INVALID', `"${printable(name)}" can't be the name of a ${kind}.`, {
    place: { file },
    remedy: 'A name has at most 63 characters: choose a shorter instance id.',
  });
}
