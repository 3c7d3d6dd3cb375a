import { describe, expect, it } from '@jest/globals';
import { type Admission, UsageWindow } from '../../../services/rate-limiter/src/usage-window.ts';

const minute = 60_000;
const start = 1_800_000_000_000;

/** Lets a request through at `now` if there is room, as the bucket does. */
function reserve(
  window: UsageWindow,
  id: string,
  tokens: number,
  limits: { requestsPerMinute: number; tokensPerMinute: number },
  now: number,
) {
  window.advance(now);
  const verdict = window.judge(tokens, limits, now);
  if (verdict.allowed) window.add({ id, at: now, tokens, settled: false });
  return verdict;
}

/** The same numbers every time, from 0 to 1. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

/** That there is room after so long, and not a millisecond before. */
function expectRoomIn(
  admitted: readonly Admission[],
  wait: number | undefined,
  {
    tokens,
    limits,
    now,
  }: { tokens: number; limits: { requestsPerMinute: number; tokensPerMinute: number }; now: number },
): void {
  expect(wait === undefined).toBe(tokens > limits.tokensPerMinute);
  if (wait === undefined) return;
  const window = new UsageWindow(
    minute,
    admitted.map((it) => ({ ...it })),
  );
  for (const [when, isRoom] of [
    [now + wait - 1, false],
    [now + wait, true],
  ] as const) {
    window.advance(when);
    expect(window.judge(tokens, limits, when).allowed).toBe(isRoom);
  }
}

describe('UsageWindow', () => {
  const two = { requestsPerMinute: 2, tokensPerMinute: 100 };

  it('lets the limit through and not one more, and says exactly when there is room', () => {
    const window = new UsageWindow(minute);
    expect(reserve(window, 'a', 10, two, start).allowed).toBe(true);
    expect(reserve(window, 'b', 10, two, start + 1000).allowed).toBe(true);
    expect(reserve(window, 'c', 10, two, start + 2000)).toEqual({
      allowed: false,
      limit: 'requests',
      retryAfterMs: 58_000,
    });
    expect(reserve(window, 'c', 10, two, start + 59_999)).toMatchObject({ retryAfterMs: 1 });
    expect(reserve(window, 'c', 10, two, start + 60_000).allowed).toBe(true);
    expect(reserve(window, 'd', 10, two, start + 60_000)).toMatchObject({ retryAfterMs: 1000 });
  });

  it('does not let twice the limit through around a full minute of the clock', () => {
    const window = new UsageWindow(minute);
    const fullMinute = start - (start % minute) + minute;
    expect(reserve(window, 'a', 1, two, fullMinute - 2).allowed).toBe(true);
    expect(reserve(window, 'b', 1, two, fullMinute - 1).allowed).toBe(true);
    expect(reserve(window, 'c', 1, two, fullMinute).allowed).toBe(false);
    expect(reserve(window, 'c', 1, two, fullMinute + minute - 3).allowed).toBe(false);
    expect(reserve(window, 'c', 1, two, fullMinute + minute - 2).allowed).toBe(true);
  });

  it('counts tokens, waits for as many as are needed, and refuses for good what is too much', () => {
    const window = new UsageWindow(minute);
    const limits = { requestsPerMinute: 100, tokensPerMinute: 100 };
    reserve(window, 'a', 30, limits, start);
    reserve(window, 'b', 30, limits, start + 1000);
    reserve(window, 'c', 40, limits, start + 2000);
    expect(reserve(window, 'd', 1, limits, start + 3000)).toMatchObject({
      limit: 'tokens',
      retryAfterMs: 57_000,
    });
    expect(reserve(window, 'd', 31, limits, start + 3000)).toMatchObject({ retryAfterMs: 58_000 });
    expect(reserve(window, 'd', 100, limits, start + 3000)).toMatchObject({ retryAfterMs: 59_000 });
    expect(reserve(window, 'd', 101, limits, start + 3000)).toMatchObject({ retryAfterMs: undefined });
    expect(reserve(window, 'd', 0, limits, start + 3000).allowed).toBe(true);
  });

  it('takes the tokens that were used for those that were reserved, more of them too', () => {
    const window = new UsageWindow(minute);
    reserve(window, 'a', 90, two, start);
    const admission = window.find('a');
    if (admission === undefined) throw new Error('a is not there');
    window.settle(admission, 20);
    expect(window.usage(start)).toEqual({ requests: 1, tokens: 20, clearInMs: minute });
    window.settle(admission, 400);
    expect(reserve(window, 'b', 0, two, start + 1)).toMatchObject({ limit: 'tokens', retryAfterMs: 59_999 });
  });

  it('gives back what is released', () => {
    const window = new UsageWindow(minute);
    reserve(window, 'a', 100, two, start);
    const admission = window.find('a');
    if (admission === undefined) throw new Error('a is not there');
    window.release(admission);
    window.release(admission);
    expect(window.usage(start)).toEqual({ requests: 0, tokens: 0, clearInMs: 0 });
    expect(window.find('a')).toBeUndefined();
  });

  it('counts for longer, never for less, when the clock is set back', () => {
    const window = new UsageWindow(minute, [
      { id: 'a', at: start, tokens: 1, settled: true },
      { id: 'b', at: start + 3_600_000, tokens: 1, settled: true },
    ]);
    expect(window.advance(start + 10)).toBe(true);
    expect(window.usage(start + 10)).toMatchObject({ requests: 2, clearInMs: minute });
    expect(window.advance(start + 10)).toBe(false);
    expect(reserve(window, 'c', 1, two, start + 59_999).allowed).toBe(false);
    expect(reserve(window, 'c', 1, two, start + minute).allowed).toBe(true);
    expect(window.find('b')?.at).toBe(start + 10);
  });

  it('is exact in every stretch of a minute, whatever comes when', () => {
    for (let seed = 1; seed <= 15; seed += 1) {
      const random = randomNumbers(seed);
      const limits = {
        requestsPerMinute: 1 + Math.floor(random() * 20),
        tokensPerMinute: 1 + Math.floor(random() * 2000),
      };
      const window = new UsageWindow(minute);
      const admitted: Admission[] = [];
      let now = start;
      for (let i = 0; i < 300; i += 1) {
        now += Math.floor(random() ** 4 * 20_000);
        const tokens = Math.floor(random() * 300);
        const counted = admitted.filter(({ at }) => at + minute > now);
        const used = counted.reduce((sum, it) => sum + it.tokens, 0);
        const hasRoom = counted.length < limits.requestsPerMinute && used + tokens <= limits.tokensPerMinute;
        const verdict = reserve(window, String(i), tokens, limits, now);
        expect(verdict.allowed).toBe(hasRoom);
        expect(window.usage(now)).toMatchObject({
          requests: counted.length + (hasRoom ? 1 : 0),
          tokens: used + (hasRoom ? tokens : 0),
        });
        if (verdict.allowed) admitted.push({ id: String(i), at: now, tokens, settled: false });
        else expectRoomIn(admitted, verdict.retryAfterMs, { tokens, limits, now });
      }
    }
  });
});
