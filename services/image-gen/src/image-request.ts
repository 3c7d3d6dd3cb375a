import * as z from 'zod/mini';

const aspectRatio = z.enum(['1x1', '4x3', '3x4', '16x9', '9x16']);
export type AspectRatio = z.infer<typeof aspectRatio>;

const renderingSpeed = z.enum(['TURBO', 'DEFAULT', 'QUALITY']);
export type RenderingSpeed = z.infer<typeof renderingSpeed>;

/** The client's name for an image: said again, with the same words, it is the same image and is not made twice. */
export const requestId = z.string().check(
  z.regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, {
    error: 'must be 1 to 64 letters, digits, hyphens and underscores, the first a letter or digit',
  }),
);

/** One image that somebody asks for. */
export const imageRequest = z.strictObject({
  requestId,
  prompt: z.string().check(z.minLength(1), z.maxLength(4000)),
  negativePrompt: z.optional(z.string().check(z.maxLength(4000))),
  aspectRatio: z.optional(aspectRatio),
  renderingSpeed: z.optional(renderingSpeed),
  seed: z.optional(z.number().check(z.int(), z.minimum(0), z.maximum(2_147_483_647))),
});

export type ImageRequest = z.infer<typeof imageRequest>;

/** The longest body that is read for one, in bytes. */
export const largestRequest = 64 * 1024;
