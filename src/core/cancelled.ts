import { LaunchError } from './errors.ts';

/** Errors that say more than that somebody wanted it to end: of these a host has to be looked after. */
const telling = new Set(['CANCELLED', 'DISK_FULL', 'ROLLBACK_FAILED']);

/**
 * What to fail with when the run was cancelled: a program that was ended on the way, or a question that was not asked
 * any more, looks like a fault of git or of the engine, and is none. The error itself is kept as the cause.
 */
export function cancelledInstead(error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted !== true || !(error instanceof LaunchError) || telling.has(error.code)) return error;
  return runCancelled(error);
}

/** Of a run that may have done a part of its work. */
export function runCancelled(cause?: unknown): LaunchError {
  return new LaunchError('CANCELLED', 'The run was cancelled.', {
    remedy: 'Start it again when you want it to go on.',
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Of one of several, `what`, to which the run did not come any more. */
export function cancelledBeforeTurn(what: 'service' | 'worker'): LaunchError {
  return new LaunchError('CANCELLED', `The run was cancelled before this ${what} had its turn.`, {
    remedy: 'Nothing of it has been changed. Start it again when you want it to go on.',
  });
}

/** Of a run that had not begun to act. */
export function cancelledEarly(): LaunchError {
  return new LaunchError('CANCELLED', 'The run was cancelled.', {
    remedy: 'Nothing has been changed. Start it again when you want it to go on.',
  });
}
