// The ways in which GitHub's API fails now and then, dealt out by a seed.
import { randomFrom } from '../../bench/soak/random.ts';
import type { ApiAnswer, Interceptor } from './github-api.ts';

/** In its words: https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api */
const secondaryMessage =
  'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';

/** The token has used up its requests. */
export const primaryLimit = (status: 403 | 429, resetInSeconds = 3600): ApiAnswer => ({
  status,
  headers: {
    'x-ratelimit-limit': '1000',
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset': String(Math.ceil(Date.now() / 1000) + resetInSeconds),
  },
  body: { message: 'API rate limit exceeded for installation.' },
});

/** Too much at a time; GitHub does not always say for how long. */
export const secondaryLimit = (status: 403 | 429, retryAfterSeconds?: number): ApiAnswer => ({
  status,
  ...(retryAfterSeconds === undefined ? {} : { headers: { 'retry-after': String(retryAfterSeconds) } }),
  body: { message: secondaryMessage },
});

/** In place of the request, or of the answer to what has been carried out. */
const faults: readonly ((proceed: () => ApiAnswer) => ApiAnswer)[] = [
  () => ({ status: 500, body: {} }),
  () => ({ status: 502, body: { message: 'Server Error' } }),
  () => ({ status: 503, body: {} }),
  () => secondaryLimit(429, 1),
  () => secondaryLimit(403, 1),
  () => secondaryLimit(403),
  () => primaryLimit(403),
  () => ({ cut: true }),
  (proceed) => {
    proceed();
    return { status: 502, body: { message: 'Server Error' } };
  },
  (proceed) => {
    proceed();
    return { cut: true };
  },
];

export interface RandomFaults {
  readonly intercept: Interceptor;
  /** How many there have been. */
  readonly count: number;
}

/** Of all requests the share `rate`, from 0 to 1, fails; which and how is told by the seed and their order. */
export function randomFaults(seed: number, rate: number): RandomFaults {
  const random = randomFrom(seed);
  let count = 0;
  return {
    intercept: (_request, proceed) => {
      if (random() >= rate) return proceed();
      count += 1;
      const fault = faults[Math.floor(random() * faults.length)];
      return fault?.(proceed) ?? proceed();
    },
    get count() {
      return count;
    },
  };
}
