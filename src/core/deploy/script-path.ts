import { LaunchError, type Place } from '../errors.ts';
import { printable } from '../names.ts';
import { joinPath, normalizePath } from '../project/view.ts';

/**
 * Where a script of service.yml is in the repository.
 *
 * @throws LaunchError CONFIG_INVALID when it leaves the repository
 */
export function scriptPath(folder: string, script: string, place: Place): string {
  const path = normalizePath(joinPath(folder, script));
  if (path !== undefined && path !== '') return path;
  throw new LaunchError('CONFIG_INVALID', `The script "${printable(script)}" leaves the repository.`, {
    place,
    remedy: 'Name a script inside the service folder.',
  });
}
