import { spawn } from 'node:child_process';
import { type FileHandle, open } from 'node:fs/promises';
import { LaunchError } from '../../core/errors.ts';
import { onDisk } from './on-disk.ts';

/** `cut-off`: the signal came first. */
export type FlockOutcome = 'held' | 'busy' | 'cut-off';

/**
 * Locks an open file. The kernel keeps the lock for the open file itself: for this process and every child that
 * is given its descriptor, until the last of them has closed it or died. Node has no such call, so the program
 * `flock` makes it on a descriptor that it shares with us.
 *
 * @throws LaunchError CONFIG_INVALID when there is no `flock`
 */
export async function flock(
  file: FileHandle,
  options: { readonly wait: boolean; readonly env: NodeJS.ProcessEnv; readonly signal?: AbortSignal },
): Promise<FlockOutcome> {
  const { wait, env, signal } = options;
  if (signal?.aborted === true) return 'cut-off';
  const args = ['--exclusive', ...(wait ? [] : ['--nonblock']), '--conflict-exit-code', '75', '3'];
  const child = spawn('flock', args, {
    env,
    stdio: ['ignore', 'ignore', 'ignore', file.fd],
    // A Ctrl-C is for this process alone; what follows from it is decided here.
    detached: true,
  });
  let wasCutOff = false;
  const cutOff = () => {
    wasCutOff = true;
    child.kill('SIGKILL');
  };
  signal?.addEventListener('abort', cutOff, { once: true });
  const ended = await new Promise<number | 'signalled' | 'absent'>((resolve) => {
    child.on('error', () => resolve('absent'));
    child.on('exit', (code) => resolve(code ?? 'signalled'));
  });
  signal?.removeEventListener('abort', cutOff);
  if (ended === 0) return 'held';
  if (ended === 75) return 'busy';
  if (ended === 'signalled' && wasCutOff) return 'cut-off';
  throw new LaunchError('CONFIG_INVALID', 'The program `flock` is missing or does not work here.', {
    remedy: 'Install it (package util-linux): it keeps two deployments of one service apart.',
  });
}

/** Whether somebody holds the lock of this file right now; false when the file is not there. */
export async function isLocked(path: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const file = await open(path, 'r').catch(() => undefined);
  if (file === undefined) return false;
  try {
    return (await flock(file, { wait: false, env })) === 'busy';
  } finally {
    await file.close();
  }
}

export async function openForLock(path: string, mode: number): Promise<FileHandle> {
  return await onDisk(path, async () => await open(path, 'a', mode));
}
