import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';
import { onDisk } from './on-disk.ts';

const systemRoot = '/var/lib/launch';

/**
 * Where Launch keeps what it knows of this host: the `state-dir` input, else /var/lib/launch where that can be
 * written, else the user's own state folder.
 *
 * @throws LaunchError CONFIG_INVALID
 */
export async function findStateRoot(given: string | undefined, env: NodeJS.ProcessEnv): Promise<string> {
  if (given !== undefined) return assertUsable(given);
  const mayWrite = await access(systemRoot, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
  if (mayWrite) return systemRoot;
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

/** 2770 where the root is shared by a group, as setup-runner makes it; else for its owner alone. */
export async function makeStateFolder(root: string, folder: string): Promise<{ readonly shared: boolean }> {
  return await onDisk(root, async () => {
    await mkdir(root, { recursive: true, mode: 0o700 });
    const shared = await isShared(root);
    const path = join(root, folder);
    await mkdir(path, { recursive: true, mode: shared ? 0o2770 : 0o700 });
    return { shared };
  });
}

export async function isShared(root: string): Promise<boolean> {
  return ((await stat(root)).mode & 0o2070) === 0o2070;
}

/** The key that seals secrets on this host; made on first use, never sent anywhere. */
export async function hostKey(root: string): Promise<Uint8Array> {
  const path = join(root, '.key');
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  return await onDisk(path, async () => {
    const known = await readFile(path).catch(() => undefined);
    if (known !== undefined && known.length >= 32) return known;
    try {
      await writeFile(draft, randomBytes(32), { mode: 0o600, flush: true });
      // A link, not a rename: of two that start at once the first one's key stays.
      await link(draft, path).catch(() => {});
    } finally {
      await rm(draft, { force: true });
    }
    return await readFile(path);
  });
}
