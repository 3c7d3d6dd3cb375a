import { describe, expect, it } from '@jest/globals';
import type { Attempt } from '../../../../src/core/health/attempt.ts';
import type { HealthTiming } from '../../../../src/core/health/check.ts';
import {
  afterAttempt,
  attemptNow,
  beginHealth,
  isCutShort,
  nextStep,
} from '../../../../src/core/health/policy.ts';

const refused: Attempt = { ok: false, latencyMs: 1, failure: { kind: 'refused' } };
const missing: Attempt = {
  ok: false,
  latencyMs: 1,
  failure: { kind: 'not-started', program: 'x', reason: 'there is no such program' },
};
const good = (latencyMs = 5): Attempt => ({ ok: true, latencyMs });

const timing = (part: Partial<HealthTiming> = {}): HealthTiming => ({
  timeoutMs: 10_000,
  intervalMs: 200,
  attemptMs: 2500,
  successes: 1,
  ...part,
});

/** Plays a check on a clock of its own; each attempt takes `takes` ms, or the whole limit when that is shorter. */
function play(given: HealthTiming, answer: (attempt: number, now: number) => Attempt, takes = 0) {
  let now = 1_000_000;
  const began = now;
  const attemptsAt: number[] = [];
  const pauses: number[] = [];
  let state = beginHealth(now);
  let step = attemptNow(state, given, now);
  for (;;) {
    if (step.kind === 'healthy' || step.kind === 'unhealthy') {
      return { verdict: step.kind, attemptsAt, pauses, elapsed: now - began, state };
    }
    if (step.kind === 'wait') {
      pauses.push(step.ms);
      now += step.ms;
      step = attemptNow(state, given, now);
      continue;
    }
    attemptsAt.push(now - began);
    const started = now;
    now += Math.min(takes, step.limitMs);
    state = afterAttempt(state, answer(attemptsAt.length, started - began));
    step = nextStep(state, given, now);
  }
}

describe('the health policy', () => {
  it('is healthy after the first success, without a pause', () => {
    const { verdict, attemptsAt, pauses, state } = play(timing(), () => good(7));
    expect(verdict).toBe('healthy');
    expect(attemptsAt).toEqual([0]);
    expect(pauses).toEqual([]);
    expect(state.latencyMs).toBe(7);
  });

  it('takes no timeout for a reason that the end of the time has cut short', () => {
    expect(isCutShort(18, timing())).toBe(true);
    expect(isCutShort(500, timing())).toBe(false);
    expect(isCutShort(50, timing({ attemptMs: 50 }))).toBe(false);
  });

  it('pauses longer after each failure, up to five seconds', () => {
    const { verdict, pauses } = play(timing({ timeoutMs: 60_000 }), (n) => (n < 13 ? refused : good()));
    expect(verdict).toBe('healthy');
    expect(pauses).toEqual([200, 300, 450, 675, 1013, 1519, 2278, 3417, 5000, 5000, 5000, 5000]);
  });

  it('never pauses less than an interval that is longer than five seconds', () => {
    const { pauses } = play(timing({ timeoutMs: 60_000, intervalMs: 8000 }), (n) =>
      n < 4 ? refused : good(),
    );
    expect(pauses).toEqual([8000, 8000, 8000]);
  });

  it('finds a service that starts to answer soon after it does', () => {
    for (const boot of [50, 900, 2100, 4000]) {
      const { elapsed } = play(timing({ timeoutMs: 60_000 }), (_n, now) => (now >= boot ? good() : refused));
      expect(elapsed - boot).toBeLessThanOrEqual(Math.max(200, boot / 2));
    }
  });

  it('wants the successes in a row, the interval apart', () => {
    const answers = [good(), good(), refused, good(), good(), good()];
    const { verdict, attemptsAt } = play(timing({ successes: 3 }), (n) => answers[n - 1] ?? refused);
    expect(verdict).toBe('healthy');
    expect(attemptsAt).toEqual([0, 200, 400, 600, 800, 1000]);
  });

  it('lets pauses grow from the start again once something has succeeded', () => {
    const answers = [refused, refused, refused, good(), refused, refused, good(), good()];
    const { pauses } = play(timing({ successes: 2 }), (n) => answers[n - 1] ?? refused);
    expect(pauses).toEqual([200, 300, 450, 200, 200, 300, 200]);
  });

  it('is unhealthy when the time is up, with a last attempt near its end', () => {
    const { verdict, attemptsAt, elapsed } = play(timing(), () => refused);
    expect(verdict).toBe('unhealthy');
    expect(attemptsAt.at(-1)).toBe(9000);
    expect(elapsed).toBeLessThanOrEqual(10_000);
  });

  it('does not wait for the end when no attempt fits in any more', () => {
    const { verdict, elapsed, attemptsAt } = play(
      timing({ timeoutMs: 1000, intervalMs: 5000 }),
      () => refused,
    );
    expect(verdict).toBe('unhealthy');
    expect(attemptsAt).toEqual([0, 900]);
    expect(elapsed).toBe(900);
  });

  it('gives an attempt no more time than is left, so that a hanging answer ends on time', () => {
    const { verdict, elapsed, attemptsAt } = play(timing({ attemptMs: 4000 }), () => refused, 60_000);
    expect(verdict).toBe('unhealthy');
    expect(elapsed).toBe(10_000);
    expect(attemptsAt.length).toBe(3);
  });

  it('is unhealthy when the successes come too late', () => {
    const { verdict, state } = play(timing({ timeoutMs: 500, successes: 100 }), () => good());
    expect(verdict).toBe('unhealthy');
    expect(state.successesInARow).toBeGreaterThan(1);
  });

  it('gives up at once when a program is not there', () => {
    const { verdict, attemptsAt } = play(timing(), () => missing);
    expect(verdict).toBe('unhealthy');
    expect(attemptsAt).toEqual([0]);
  });

  it('ends, whatever the timing', () => {
    for (const timeoutMs of [0, 1, 5, 50, 999, 10_000]) {
      for (const intervalMs of [10, 200, 86_400_000]) {
        const { elapsed } = play(timing({ timeoutMs, intervalMs }), () => refused);
        expect(elapsed).toBeLessThanOrEqual(timeoutMs);
      }
    }
  });
});
