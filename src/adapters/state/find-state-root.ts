import { accessSync, constants } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';

const systemRoot = '/var/lib/launch';

/**
 * Where Launch keeps what it knows of this host: the `state-dir` input, else /var/lib/launch where that can be
 * written, else the user's own state folder.
 *
 * @throws LaunchError CONFIG_INVALID
 */
export function findStateRoot(given: string | undefined, env: NodeJS.ProcessEnv): string {
  if (given !== undefined) return assertUsable(given);
  if (mayWrite(systemRoot)) return systemRoot;
  const base = env['XDG_STATE_HOME'] || (env['HOME'] ? join(env['HOME'], '.local/state') : undefined);
  if (base !== undefined) return assertUsable(join(base, 'launch'));
  throw new LaunchError('CONFIG_INVALID', 'There is no folder in which Launch could keep its state.', {
    remedy: `Make ${systemRoot} writable for the runner's user, or name a folder as \`state-dir\`.`,
  });
}

/** A colon separates files in COMPOSE_FILE and the parts of a mount; neither can be quoted there. */
function assertUsable(path: string): string {
  if (isAbsolute(path) && !/[:\u0000-\u001f]/.test(path)) return path.replace(/\/+$/, '');
  throw new LaunchError('CONFIG_INVALID', `"${printable(path)}" can't be the state folder.`, {
    remedy: '`state-dir` is an absolute path without colons and control characters.',
  });
}

function mayWrite(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
