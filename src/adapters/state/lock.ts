import { spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod/mini';
import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';
import { onDisk } from './on-disk.ts';

const ownerRecord = z.object({ who: z.string(), since: z.string() });

/** Who holds a lock, for people. */
export type LockOwner = z.infer<typeof ownerRecord>;

export interface Lock {
  release(): Promise<void>;
}

export interface LockRequest {
  readonly path: string;
  readonly owner: LockOwner;
  /** How long to wait for it, in milliseconds. */
  readonly timeout: number;
  readonly mode: number;
  readonly env: NodeJS.ProcessEnv;
  /** Told at the start of the wait and every ten seconds of it. */
  readonly onWait: (owner: LockOwner | undefined) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Takes a lock that the kernel frees when its holder dies, however it dies: `flock` holds it for a child that
 * lives as long as this process keeps its input open. Those who wait get it in the order in which they came.
 *
 * @throws LaunchError LOCK_HELD naming the owner, CANCELLED
 */
export async function takeLock(request: LockRequest): Promise<Lock> {
  const { path, timeout, signal } = request;
  await onDisk(path, async () => await (await open(path, 'a', request.mode)).close());
  const holder = spawn(
    'flock',
    ['--exclusive', '--wait', seconds(timeout), '--conflict-exit-code', '75', path, 'cat'],
    {
      env: request.env,
      stdio: ['pipe', 'pipe', 'ignore'],
      // Its own group: a Ctrl-C for this process must not free the lock before the work is undone.
      detached: true,
    },
  );
  const ended = new Promise<number | 'absent'>((resolve) => {
    holder.on('error', () => resolve('absent'));
    holder.on('exit', (code) => resolve(code ?? -1));
  });
  holder.stdin.on('error', () => {});
  // What `cat` gives back shows that it runs, and so that the lock is held.
  const held = new Promise<'held'>((resolve) => holder.stdout.once('data', () => resolve('held')));
  holder.stdin.write('.');
  const stop = new AbortController();
  const outcome = await Promise.race([held, ended, aborted(signal), tellWaiting(request, stop.signal)]);
  stop.abort();
  if (outcome === 'held') {
    const free = async () => {
      holder.stdin.end();
      await ended;
    };
    try {
      await writeOwner(path, request.owner);
    } catch (error) {
      await free();
      throw error;
    }
    return {
      release: async () => {
        try {
          await writeOwner(path, undefined);
        } finally {
          await free();
        }
      },
    };
  }
  holder.kill('SIGKILL');
  if (outcome === 'aborted') {
    throw new LaunchError('CANCELLED', 'The run was cancelled while it waited for its turn.', {
      remedy: 'Nothing has been changed. Start it again when you want it to go on.',
    });
  }
  if (outcome === 75) throw await lockHeld(path);
  throw new LaunchError('CONFIG_INVALID', 'The program `flock` is missing or does not work here.', {
    remedy: 'Install it (package util-linux): it keeps two deployments of one service apart.',
  });
}

/** Who holds the lock at `path`, as far as its file tells; the kernel knows whether it is held. */
export async function readLockOwner(path: string): Promise<LockOwner | undefined> {
  try {
    const parsed = z.safeParse(ownerRecord, JSON.parse(await readFile(path, 'utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** In place: a new file under the name would be another lock. */
async function writeOwner(path: string, owner: LockOwner | undefined): Promise<void> {
  await onDisk(path, async () => {
    const file = await open(path, 'r+');
    try {
      await file.truncate(0);
      if (owner !== undefined) await file.write(`${JSON.stringify(owner)}\n`, 0);
    } finally {
      await file.close();
    }
  });
}

async function tellWaiting(request: LockRequest, stop: AbortSignal): Promise<never> {
  // The usual case is a free lock; nobody wants to read about a wait of some milliseconds.
  for (let pause = 300; ; pause = 10_000) {
    await sleep(pause, undefined, { signal: stop, ref: false }).catch(() => {});
    if (stop.aborted) return await new Promise(() => {});
    request.onWait(await readLockOwner(request.path));
  }
}

function aborted(signal: AbortSignal | undefined): Promise<'aborted'> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) resolve('aborted');
    signal?.addEventListener('abort', () => resolve('aborted'), { once: true });
  });
}

async function lockHeld(path: string): Promise<LaunchError> {
  const owner = await readLockOwner(path);
  const who =
    owner === undefined ? 'another process' : `${printable(owner.who)} since ${printable(owner.since)}`;
  return new LaunchError('LOCK_HELD', `Another deployment of this service is under way, by ${who}.`, {
    remedy:
      'Wait for its end, or raise `timeout`, which is how long this one waits. The lock is freed by itself when its owner ends.',
  });
}

/** 0 means not at all; flock takes fractions of seconds. */
function seconds(ms: number): string {
  return String(Math.max(0, ms / 1000));
}
