import { interruption as interrupted } from '../adapters/process/interruption.ts';

/** Aborted by Ctrl-C, a polite kill or a closed terminal; a second one ends the process as it would have at once. */
export function interruption(): AbortSignal {
  return interrupted('end');
}
