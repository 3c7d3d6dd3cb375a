import type { ErrorCode } from '../core/errors.ts';

/** What a terminal or a script learns from `launch`'s exit status. */
export const exitCodes = {
  ok: 0,
  /** Failed, and nothing was changed. */
  failed: 1,
  /** The command line was wrong. */
  usage: 2,
  /** The new release failed; the old one serves. */
  rolledBack: 3,
  /** The service is down. */
  down: 4,
} as const;

/** The exit status of an error that reached the top: only a failed way back leaves a service down. */
export function exitCodeOf(code: ErrorCode): number {
  return code === 'ROLLBACK_FAILED' ? exitCodes.down : exitCodes.failed;
}
