import { type Attempt, type Failure, isFinal } from './attempt.ts';
import type { HealthTiming } from './check.ts';

/** Pauses after failures grow by this factor … */
const growth = 1.5;
/** … up to this, or to the interval where that is longer. */
export const longestPauseMs = 5000;
/** Timers may fire a little early; a rest shorter than this is no pause. */
const shortestPauseMs = 10;
/** What answers at all may take this long on a busy machine. */
const shortestTellingMs = 500;

/** How a check stands: fed with attempts, asked for the next step. Times are of any clock that only goes forward. */
export interface HealthState {
  readonly startedAt: number;
  readonly attempts: number;
  readonly successesInARow: number;
  readonly failuresInARow: number;
  /** Of the last attempt that succeeded. */
  readonly latencyMs: number | undefined;
  readonly lastFailure: Failure | undefined;
}

export type HealthStep =
  | { readonly kind: 'attempt'; readonly limitMs: number }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'healthy' }
  | { readonly kind: 'unhealthy' };

export function beginHealth(now: number): HealthState {
  return {
    startedAt: now,
    attempts: 0,
    successesInARow: 0,
    failuresInARow: 0,
    latencyMs: undefined,
    lastFailure: undefined,
  };
}

export function afterAttempt(state: HealthState, attempt: Attempt): HealthState {
  const attempts = state.attempts + 1;
  return attempt.ok
    ? {
        ...state,
        attempts,
        successesInARow: state.successesInARow + 1,
        failuresInARow: 0,
        latencyMs: attempt.latencyMs,
      }
    : {
        ...state,
        attempts,
        successesInARow: 0,
        failuresInARow: state.failuresInARow + 1,
        lastFailure: attempt.failure,
      };
}

/** The next attempt at once: the first one, and the one after a pause. */
export function attemptNow(state: HealthState, timing: HealthTiming, now: number): HealthStep {
  const left = timeLeft(state, timing, now);
  return left <= 0 ? { kind: 'unhealthy' } : { kind: 'attempt', limitMs: Math.min(timing.attemptMs, left) };
}

/**
 * What follows on an attempt. A pause is cut so that a last attempt still fits into the time; where none fits
 * any more, the verdict falls at once instead of at the end of a useless wait.
 */
export function nextStep(state: HealthState, timing: HealthTiming, now: number): HealthStep {
  if (state.successesInARow >= timing.successes) return { kind: 'healthy' };
  if (state.failuresInARow > 0 && state.lastFailure !== undefined && isFinal(state.lastFailure)) {
    return { kind: 'unhealthy' };
  }
  const left = timeLeft(state, timing, now);
  const forLastAttempt = Math.min(1000, timing.attemptMs, timing.timeoutMs / 10);
  const latest = left - forLastAttempt;
  return latest >= shortestPauseMs
    ? { kind: 'wait', ms: Math.min(pauseAfter(state, timing), latest) }
    : { kind: 'unhealthy' };
}

/** Whether the end of the time cut an attempt so short that its timeout says nothing of what is asked. */
export function isCutShort(limitMs: number, timing: HealthTiming): boolean {
  return limitMs < Math.min(timing.attemptMs, shortestTellingMs);
}

/** After a success the interval as given, after failures one that grows: soon there when it starts fast, gentle when not. */
function pauseAfter(state: HealthState, timing: HealthTiming): number {
  const cap = Math.max(timing.intervalMs, timing.longestPauseMs ?? longestPauseMs);
  return Math.round(Math.min(cap, timing.intervalMs * growth ** Math.max(0, state.failuresInARow - 1)));
}

function timeLeft(state: HealthState, timing: HealthTiming, now: number): number {
  return state.startedAt + timing.timeoutMs - now;
}
