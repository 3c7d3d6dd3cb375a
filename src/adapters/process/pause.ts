import { setTimeout as wait } from 'node:timers/promises';
import { runCancelled } from '../../core/cancelled.ts';

/** Waits so many milliseconds. @throws LaunchError CANCELLED as soon as the run is cancelled */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await wait(ms, undefined, signal === undefined ? {} : { signal });
  } catch (cause) {
    throw runCancelled(cause);
  }
}
