import * as z from 'zod/mini';

/** The id of an organisation, as it stands in addresses, object keys and rows. */
export const organisationId = z.string().check(
  z.regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, {
    error: 'must be 1 to 64 letters, digits, hyphens and underscores, the first a letter or digit',
  }),
);

/** An id that a client gives something it makes, so that saying it twice makes it once. */
export const clientId = z.string().check(
  z.regex(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$/, {
    error: 'must be 1 to 128 letters, digits and ._:- characters, the first a letter or digit',
  }),
);

/** How much an organisation may use in any 60 seconds. */
export const rateLimits = z.strictObject({
  requestsPerMinute: z.number().check(z.int(), z.minimum(1), z.maximum(100_000)),
  tokensPerMinute: z.number().check(z.int(), z.minimum(1), z.maximum(1_000_000_000)),
});
export type RateLimits = z.infer<typeof rateLimits>;
