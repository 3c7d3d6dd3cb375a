import * as z from 'zod/mini';

const text = (longest: number) => z.string().check(z.maxLength(longest));

/** What an organisation sets for itself. */
export const configuration = z.strictObject({
  displayName: z.optional(text(200)),
  /** What a request for an image gets that does not say otherwise. */
  images: z.optional(
    z.strictObject({
      aspectRatio: z.optional(z.enum(['1x1', '4x3', '3x4', '16x9', '9x16'])),
      renderingSpeed: z.optional(z.enum(['TURBO', 'DEFAULT', 'QUALITY'])),
    }),
  ),
  /** Free for the organisation's own programs. Stored as it is, never interpreted. */
  settings: z.optional(
    z.record(
      z.string().check(z.minLength(1), z.maxLength(64)),
      z.union([text(4096), z.number(), z.boolean(), z.null()]),
    ),
  ),
});
export type Configuration = z.infer<typeof configuration>;

/** The longest body that is read for one, in bytes. */
export const configurationLimit = 64 * 1024;
