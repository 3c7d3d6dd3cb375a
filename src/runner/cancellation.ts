import { interruption } from '../adapters/process/interruption.ts';

/**
 * Aborted when the runner wants the step to end: SIGINT, 7.5 s later SIGTERM, 2.5 s later the end. A second
 * signal changes nothing, because undoing is under way already.
 */
export function cancellation(): AbortSignal {
  return interruption('ignore');
}
