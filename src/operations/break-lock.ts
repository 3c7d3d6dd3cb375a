import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findStateRoot } from '../adapters/state/find-state-root.ts';
import { isLocked } from '../adapters/state/flock.ts';
import { lockHolders } from '../adapters/state/lock-holders.ts';
import { type LockOwner, readLockOwner } from '../adapters/state/lock-owner.ts';
import { openServiceState } from '../adapters/state/service-state.ts';
import { isShared } from '../adapters/state/state-root.ts';
import { hostPart } from '../core/deploy/child-env.ts';
import { layout, type StateKey, stateFolder } from '../core/deploy/state-layout.ts';
import { LaunchError } from '../core/errors.ts';
import { printable } from '../core/names.ts';
import type { Recovered } from './deploy/recover.ts';
import { recoverService } from './recover-host.ts';
import type { Reporter } from './reporter.ts';

export interface BreakLockRequest extends StateKey {
  readonly stateDir?: string | undefined;
  readonly hostEnv: NodeJS.ProcessEnv;
  readonly by: string;
  readonly reason?: string | undefined;
  readonly force: boolean;
  /** How long the guardian is given for putting the service right before it is ended as well. Default 60 s. */
  readonly guardianMs?: number | undefined;
}

export type BrokenLock =
  | { readonly kind: 'free' }
  /** Left alone, because nobody asked for force. */
  | { readonly kind: 'held'; readonly owner: LockOwner | undefined; readonly pids: readonly number[] }
  | {
      readonly kind: 'broken';
      readonly owner: LockOwner | undefined;
      readonly pids: readonly number[];
      /** What was done for the deployment that was cut off, when its guardian had not done it already. */
      readonly recovered: Recovered;
    };

/**
 * Ends a deployment that hangs: the process that deploys first, so that its guardian puts the service right; the
 * guardian as well when it hangs, too. Then what is left is brought to an end here. A record of it goes into the
 * history.
 *
 * @throws LaunchError LOCK_HELD when the holders can't be ended by this user
 */
export async function breakLock(request: BreakLockRequest, reporter: Reporter): Promise<BrokenLock> {
  const root = findStateRoot(request.stateDir, request.hostEnv);
  const folder = join(root, stateFolder(request));
  const path = join(folder, layout.lock);
  const env = hostPart(request.hostEnv);
  if (!(await isLocked(path, env))) return { kind: 'free' };
  const [owner, pids] = await Promise.all([readLockOwner(path), lockHolders(path)]);
  if (!request.force) return { kind: 'held', owner, pids };
  const guardian = pids.find((pid) => pid === owner?.guardian);
  for (const pid of pids.filter((it) => it !== guardian)) end(pid);
  if (guardian !== undefined) {
    reporter.info(`Its guardian (process ${guardian}) puts the service right.`);
    if (!(await becomesFree(path, env, request.guardianMs ?? 60_000))) end(guardian);
  }
  if (!(await becomesFree(path, env, 5000))) throw notOurs(owner, await lockHolders(path));
  await note(request, folder, await isShared(root), owner);
  const recovered = await recoverService(root, folder, request, reporter);
  return { kind: 'broken', owner, pids, recovered };
}

async function note(
  request: BreakLockRequest,
  folder: string,
  shared: boolean,
  owner: LockOwner | undefined,
): Promise<void> {
  const state = openServiceState(folder, shared);
  const current = await state.readCurrent();
  const held = owner === undefined ? 'somebody' : `${owner.who} since ${owner.since}`;
  await state.appendHistory({
    release: current?.id ?? '',
    at: new Date().toISOString(),
    by: request.by,
    commit: current?.commit ?? '',
    status: 'unlocked',
    durationMs: 0,
    fingerprint: current?.fingerprint ?? '',
    reason: printable(`held by ${held}${request.reason === undefined ? '' : `; ${request.reason}`}`, 300),
  });
}

async function becomesFree(path: string, env: NodeJS.ProcessEnv, ms: number): Promise<boolean> {
  const deadline = performance.now() + ms;
  while (await isLocked(path, env)) {
    if (performance.now() > deadline) return false;
    await sleep(100);
  }
  return true;
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended, or is another user's: whether the lock is free tells.
  }
}

function notOurs(owner: LockOwner | undefined, pids: readonly number[]): LaunchError {
  const who = owner === undefined ? 'another user' : printable(owner.who);
  const which = pids.length === 0 ? '' : ` (processes ${pids.join(', ')})`;
  return new LaunchError('LOCK_HELD', `The lock is still held, by ${who}${which}.`, {
    remedy: 'Run this as the user who deploys, or as root.',
  });
}
