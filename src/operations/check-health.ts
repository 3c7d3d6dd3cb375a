import { setTimeout as sleep } from 'node:timers/promises';
import { probe } from '../adapters/probe/probe.ts';
import { LaunchError } from '../core/errors.ts';
import { describeFailure } from '../core/health/attempt.ts';
import { checkLabel, type HealthCheck, secretsOf } from '../core/health/check.ts';
import { afterAttempt, attemptNow, beginHealth, isCutShort, nextStep } from '../core/health/policy.ts';
import {
  type CheckOutcome,
  describeOutcome,
  type HealthReport,
  summarizeChecks,
} from '../core/health/report.ts';
import { cutRedactor } from '../core/secrets/redact.ts';
import type { Reporter } from './reporter.ts';

/**
 * Runs all checks side by side until each has its successes, or the first has failed for good: then the others
 * are given up, because what follows (taking a release back) should not wait for them. Being unhealthy is a
 * result, not an error.
 *
 * @throws LaunchError CANCELLED when `signal` is aborted
 */
export async function checkHealth(
  checks: readonly HealthCheck[],
  reporter: Reporter,
  signal?: AbortSignal,
): Promise<HealthReport> {
  const started = performance.now();
  const giveUp = new AbortController();
  const stop = signal === undefined ? giveUp.signal : AbortSignal.any([signal, giveUp.signal]);
  const outcomes = await Promise.all(
    checks.map(async (check) => {
      const outcome = await runCheck(check, reporter, stop);
      if (outcome.outcome === 'unhealthy') giveUp.abort();
      return outcome;
    }),
  );
  if (signal?.aborted === true) {
    throw new LaunchError('CANCELLED', 'The health check was cancelled.', {
      remedy: 'Start it again when you want to know.',
    });
  }
  for (const outcome of outcomes) reporter.info(describeOutcome(outcome));
  return summarizeChecks(outcomes, Math.round(performance.now() - started));
}

async function runCheck(check: HealthCheck, reporter: Reporter, stop: AbortSignal): Promise<CheckOutcome> {
  const label = checkLabel(check);
  // Once for all attempts: for large secrets it takes a while.
  const hide = cutRedactor(secretsOf(check), 'end');
  const reasons = new Map<string, number>();
  let lastReason = '';
  let state = beginHealth(performance.now());
  let step = attemptNow(state, check, performance.now());
  const done = () => ({
    label,
    attempts: state.attempts,
    elapsedMs: Math.round(performance.now() - state.startedAt),
    latencyMs: state.latencyMs,
  });
  const counted = () => Array.from(reasons, ([reason, count]) => ({ reason, count }));
  while (!stop.aborted) {
    switch (step.kind) {
      case 'attempt': {
        const attempt = await probe(check, step.limitMs, stop);
        if (stop.aborted) break;
        state = afterAttempt(state, attempt);
        // What an earlier attempt was told is a better reason than that the last one had no time left.
        const tellsNothing =
          !attempt.ok &&
          attempt.failure.kind === 'timeout' &&
          lastReason !== '' &&
          isCutShort(step.limitMs, check);
        if (!attempt.ok && !tellsNothing) {
          const reason = describeFailure(attempt.failure, hide);
          reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
          // Only what is new is worth a line: a service that boots for a minute fails the same way many times.
          if (reason !== lastReason) reporter.info(`${label}: attempt ${state.attempts}: ${reason}`);
          lastReason = reason;
        }
        step = nextStep(state, check, performance.now());
        break;
      }
      case 'wait':
        await sleep(step.ms, undefined, { signal: stop }).catch(() => {});
        step = attemptNow(state, check, performance.now());
        break;
      case 'healthy':
        return { ...done(), outcome: 'healthy' };
      case 'unhealthy': {
        const few = `only ${state.successesInARow} of ${check.successes} successes in a row in the time given`;
        const why = state.failuresInARow > 0 ? lastReason : few;
        return { ...done(), outcome: 'unhealthy', why, reasons: counted() };
      }
    }
  }
  return { ...done(), outcome: 'abandoned', reasons: counted() };
}
