import type { RateLimits } from '../../shared/src/organisation.ts';
import type { Usage } from './contract.ts';

/** One request that was let through. */
export interface Admission {
  readonly id: string;
  /** When it was let through, in milliseconds since 1970. */
  at: number;
  tokens: number;
  settled: boolean;
}

export type Verdict =
  | { readonly allowed: true }
  | {
      readonly allowed: false;
      readonly limit: 'requests' | 'tokens';
      readonly retryAfterMs: number | undefined;
    };

/**
 * What was let through in the last `length` milliseconds, exactly: each admission counts from its own moment until
 * `length` later and then no more, so that no stretch of that length, wherever it begins, holds more than the limits.
 * Fixed minutes would let twice as much through around their border, and a leaky bucket as much again while it drains.
 */
export class UsageWindow {
  readonly length: number;
  /** In the order in which they were let through. */
  readonly #admissions = new Map<string, Admission>();
  #tokens = 0;
  /** When the last one was let through, be it gone or not. */
  #latest = 0;

  constructor(length: number, admissions: Iterable<Admission> = []) {
    this.length = length;
    for (const admission of admissions) this.add(admission);
  }

  get size(): number {
    return this.#admissions.size;
  }

  find(id: string): Admission | undefined {
    return this.#admissions.get(id);
  }

  /**
   * Forgets what counts no more. What seems to lie ahead of `now`, because the clock was set back, counts as of `now`:
   * for a little longer than it should, and never for less.
   *
   * @returns whether the times of some have changed.
   */
  advance(now: number): boolean {
    for (const admission of this.#admissions.values()) {
      if (admission.at + this.length > now) break;
      this.#remove(admission);
    }
    if (this.#latest <= now) return false;
    this.#latest = now;
    for (const admission of this.#admissions.values()) admission.at = Math.min(admission.at, now);
    return this.size > 0;
  }

  /** Whether there is room for one more request with so many tokens. Asks only; call `advance` before. */
  judge(tokens: number, limits: RateLimits, now: number): Verdict {
    if (tokens > limits.tokensPerMinute) return { allowed: false, limit: 'tokens', retryAfterMs: undefined };
    const excessRequests = this.size + 1 - limits.requestsPerMinute;
    const excessTokens = this.#tokens + tokens - limits.tokensPerMinute;
    if (excessRequests <= 0 && excessTokens <= 0) return { allowed: true };
    return {
      allowed: false,
      limit: excessRequests > 0 ? 'requests' : 'tokens',
      retryAfterMs: this.#roomAfter(excessRequests, excessTokens, now),
    };
  }

  add(admission: Admission): void {
    this.#admissions.set(admission.id, admission);
    this.#tokens += admission.tokens;
    this.#latest = Math.max(this.#latest, admission.at);
  }

  settle(admission: Admission, tokens: number): void {
    this.#tokens += tokens - admission.tokens;
    admission.tokens = tokens;
    admission.settled = true;
  }

  release(admission: Admission): void {
    this.#remove(admission);
  }

  usage(now: number): Usage {
    const clearInMs = this.size === 0 ? 0 : this.#latest + this.length - now;
    return { requests: this.size, tokens: this.#tokens, clearInMs };
  }

  /** How long until so many of the oldest are gone. */
  #roomAfter(excessRequests: number, excessTokens: number, now: number): number {
    let requests = 0;
    let tokens = 0;
    let wait = 0;
    for (const admission of this.#admissions.values()) {
      if (requests >= excessRequests && tokens >= excessTokens) break;
      requests += 1;
      tokens += admission.tokens;
      wait = admission.at + this.length - now;
    }
    return wait;
  }

  #remove(admission: Admission): void {
    if (this.#admissions.delete(admission.id)) this.#tokens -= admission.tokens;
  }
}
