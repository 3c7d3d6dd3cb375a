import * as z from 'zod/mini';
import { type RateLimits, rateLimits } from '../../shared/src/organisation.ts';
import type { Env } from './env.ts';

const instanceLimits = z.object({
  rpm: z.optional(rateLimits.shape.requestsPerMinute),
  tpm: z.optional(rateLimits.shape.tokensPerMinute),
});

/** How much an organisation may use that has no limits of its own: what the instance's file says, else the variables. */
export function defaultLimits(env: Env): RateLimits {
  const { rpm, tpm } = ofInstance(env.RATE_LIMITS ?? '{}');
  return {
    requestsPerMinute: rpm ?? env.DEFAULT_REQUESTS_PER_MINUTE,
    tokensPerMinute: tpm ?? env.DEFAULT_TOKENS_PER_MINUTE,
  };
}

function ofInstance(text: string): z.infer<typeof instanceLimits> {
  try {
    return z.parse(instanceLimits, JSON.parse(text));
  } catch (error) {
    console.error({ message: 'RATE_LIMITS can not be read', error: String(error) });
    return {};
  }
}
