import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';
import { flock, openForLock } from './flock.ts';
import { type LockOwner, readLockOwner, writeLockOwner } from './lock-owner.ts';
import { takeTurn } from './turn.ts';

export interface Lock {
  /** The open file that is locked: a child that is given it holds the lock as well. */
  readonly fd: number;
  /** Notes who else holds it. */
  name(owner: Partial<LockOwner>): Promise<void>;
  /** With `keepName` for somebody else who still holds it. */
  release(keepName?: boolean): Promise<void>;
}

export interface LockRequest {
  readonly path: string;
  readonly owner: LockOwner;
  /** How long to wait for it, in milliseconds. */
  readonly timeout: number;
  readonly mode: number;
  readonly env: NodeJS.ProcessEnv;
  /** Told at the start of the wait and every ten seconds of it; `waiting` is how many came before us. */
  readonly onWait: (owner: LockOwner | undefined, waiting: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Takes a lock that the kernel frees when all who hold it are gone, however they went. Those who wait get it in
 * the order in which they came.
 *
 * @throws LaunchError LOCK_HELD naming the owner, CANCELLED
 */
export async function takeLock(request: LockRequest): Promise<Lock> {
  const { path } = request;
  const file = await waitFor(request);
  if (file === undefined) throw await notHeld(request);
  let owner = request.owner;
  await writeLockOwner(path, owner);
  return {
    fd: file.fd,
    async name(more) {
      owner = { ...owner, ...more };
      await writeLockOwner(path, owner);
    },
    async release(keepName = false) {
      if (!keepName) await writeLockOwner(path, undefined);
      await file.close();
    },
  };
}

/** The file with the lock on it; undefined when it did not come in time. Whatever happens, no timer is left. */
async function waitFor(request: LockRequest): Promise<FileHandle | undefined> {
  const { path, mode, env } = request;
  const wait = boundedWait(request);
  try {
    const turn = await takeTurn({ folder: join(dirname(path), 'queue'), mode, env, signal: wait.signal });
    const telling = new AbortController();
    try {
      void tellWaiting(request, turn.before, telling.signal);
      return turn.come ? await lockFile(request, wait.signal) : undefined;
    } finally {
      telling.abort();
      await turn.leave();
    }
  } finally {
    wait.end();
  }
}

async function lockFile(
  { path, mode, env, timeout }: LockRequest,
  signal: AbortSignal,
): Promise<FileHandle | undefined> {
  const file = await openForLock(path, mode);
  let outcome: Awaited<ReturnType<typeof flock>> = 'cut-off';
  try {
    // Without a wait it is still worth an attempt.
    outcome = timeout <= 0 ? 'busy' : await flock(file, { wait: true, env, signal });
    if (outcome === 'busy') outcome = await flock(file, { wait: false, env });
  } finally {
    if (outcome !== 'held') await file.close();
  }
  return outcome === 'held' ? file : undefined;
}

/** Ends with the time or with the caller's wish, whichever is first. */
function boundedWait({ timeout, signal }: LockRequest): { readonly signal: AbortSignal; end(): void } {
  const over = new AbortController();
  const abort = () => over.abort();
  const timer = setTimeout(abort, Math.max(timeout, 1000));
  if (signal?.aborted === true) abort();
  signal?.addEventListener('abort', abort, { once: true });
  return {
    signal: over.signal,
    end: () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    },
  };
}

async function tellWaiting(request: LockRequest, before: number, stop: AbortSignal): Promise<void> {
  // The usual case is a free lock; nobody wants to read about a wait of some milliseconds.
  for (let pause = 300; ; pause = 10_000) {
    await sleep(pause, undefined, { signal: stop, ref: false }).catch(() => {});
    if (stop.aborted) return;
    request.onWait(await readLockOwner(request.path), before);
  }
}

async function notHeld({ path, signal }: LockRequest): Promise<LaunchError> {
  if (signal?.aborted === true) {
    return new LaunchError('CANCELLED', 'The run was cancelled while it waited for its turn.', {
      remedy: 'Nothing has been changed. Start it again when you want it to go on.',
    });
  }
  const owner = await readLockOwner(path);
  const who =
    owner === undefined ? 'another process' : `${printable(owner.who)} since ${printable(owner.since)}`;
  return new LaunchError('LOCK_HELD', `Another deployment of this service is under way, by ${who}.`, {
    remedy:
      'Wait for its end, or raise `timeout`, which is how long this one waits. The lock is freed by itself when its owner ends; `launch unlock --force` ends an owner that hangs.',
  });
}
