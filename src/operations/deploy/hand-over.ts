import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceState } from '../../adapters/state/service-state.ts';
import { LaunchError } from '../../core/errors.ts';
import type { GuardedByLock } from './guarded-by-lock.ts';
import type { LockPlace } from './lock-place.ts';

/** A runner kills a cancelled step ten seconds after it has asked it to end; this leaves room to say so. */
const graceMs = 3500;

/**
 * Does the work; when it is cancelled and has not come to an end soon after, leaves what remains to the guardian,
 * which outlives this process.
 *
 * @throws LaunchError CANCELLED when it was left to the guardian
 */
export async function withinGrace<T>(
  deployment: LockPlace,
  state: ServiceState,
  guarded: GuardedByLock,
  work: () => Promise<T>,
): Promise<T> {
  const { signal, mayTakeItsTime = false } = deployment.request;
  if (signal === undefined || mayTakeItsTime) return await work();
  const over = new AbortController();
  const late = lateAfter(signal, over.signal);
  try {
    const working = work();
    const first = await Promise.race([working.then(() => 'done'), late.then(() => 'late')]);
    if (first === 'done') return await working;
    const guardian = await guarded.current();
    // Nothing has been touched yet, or nobody could go on with it.
    if (guardian === undefined || (await state.readJournal()).length === 0) return await working;
    deployment.charge.lay();
    deployment.reporter.warning(
      `The release is being taken back by its guardian (process ${guardian.pid}), which holds the lock and outlives this run.`,
    );
    guardian.leave();
    throw new LaunchError(
      'CANCELLED',
      `The run was cancelled; the guardian (process ${guardian.pid}) on this host takes the release back.`,
      { remedy: 'The next deployment waits for its end. `launch history` shows what became of it.' },
    );
  } finally {
    over.abort();
  }
}

async function lateAfter(signal: AbortSignal, over: AbortSignal): Promise<void> {
  if (!signal.aborted) {
    await new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }
  await sleep(graceMs, undefined, { signal: over }).catch(() => new Promise<void>(() => {}));
}
