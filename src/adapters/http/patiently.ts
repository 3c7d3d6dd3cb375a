import { setTimeout as wait } from 'node:timers/promises';
import pRetry from 'p-retry';

export interface Patience {
  /** How often a request is tried again after a passing fault. */
  readonly retries: number;
  /** Before the first repetition, in milliseconds; doubles each time. */
  readonly firstWait: number;
  /** The longest wait that a server may ask for, in milliseconds. */
  readonly longestWait: number;
  /** Ends the repetitions and the waits before them. */
  readonly signal: AbortSignal | undefined;
  /** Whether the error may pass, and to try again does no harm. */
  isPassing(error: Error): boolean;
  /** How long the server wants to be left alone, in milliseconds. */
  retryAfterOf(error: Error): number | undefined;
}

/** Tries again after faults that pass, and waits as long as the server asks. Throws what the last attempt threw. */
export async function patiently<T>(attempt: () => Promise<T>, patience: Patience): Promise<T> {
  const { retries, firstWait, longestWait, signal } = patience;
  const ending = signal === undefined ? {} : { signal };
  return await pRetry(attempt, {
    retries,
    minTimeout: firstWait,
    ...ending,
    shouldRetry: ({ error }) =>
      signal?.aborted !== true &&
      (patience.retryAfterOf(error) ?? 0) <= longestWait &&
      patience.isPassing(error),
    onFailedAttempt: async ({ error, retriesLeft }) => {
      const asked = retriesLeft > 0 ? (patience.retryAfterOf(error) ?? 0) : 0;
      if (asked > 0 && asked <= longestWait) await wait(asked, undefined, ending);
    },
  });
}

/** What `Retry-After` says, in milliseconds: a number of seconds, or a date. */
export function retryAfterOf(headers: Headers): number | undefined {
  const after = headers.get('retry-after');
  if (after === null) return undefined;
  const seconds = Number(after);
  if (seconds >= 0) return seconds * 1000;
  const date = Date.parse(after);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}
