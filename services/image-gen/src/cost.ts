import type { ImageRequest, RenderingSpeed } from './image-request.ts';
import type { ImageOrder } from './provider.ts';

const perImage: Readonly<Record<RenderingSpeed, number>> = {
  TURBO: 500,
  DEFAULT: 1000,
  QUALITY: 2000,
};

/** What an order counts against the organisation's tokens per minute: the image, and a token for four characters. */
export function tokensOf(order: ImageOrder): number {
  const characters = order.prompt.length + (order.negativePrompt?.length ?? 0);
  return perImage[order.renderingSpeed] + Math.ceil(characters / 4);
}

/**
 * The same for the same request, whatever the order of its keys. Of what the client said and not of the defaults, which
 * may change between the first time and the next.
 */
export async function fingerprintOf(request: ImageRequest): Promise<string> {
  const { prompt, negativePrompt, aspectRatio, renderingSpeed, seed } = request;
  const said = [prompt, negativePrompt, aspectRatio, renderingSpeed, seed].map((value) => value ?? null);
  const bytes = new TextEncoder().encode(JSON.stringify(said));
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
