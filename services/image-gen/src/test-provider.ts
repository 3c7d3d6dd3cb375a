import type { AspectRatio } from './image-request.ts';
import { encodePng } from './png.ts';
import type { GeneratedImage, ImageProvider } from './provider.ts';

const sizes: Readonly<Record<AspectRatio, readonly [number, number]>> = {
  '1x1': [48, 48],
  '4x3': [64, 48],
  '3x4': [48, 64],
  '16x9': [64, 36],
  '9x16': [36, 64],
};

/** Makes a small picture out of the words themselves: the same for the same order, at once and for nothing. */
export const testProvider: ImageProvider = {
  name: 'test',
  async generate(order): Promise<GeneratedImage> {
    const text = JSON.stringify([order.prompt, order.negativePrompt ?? '', order.seed ?? 0]);
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
    const [width, height] = sizes[order.aspectRatio];
    const tone = (index: number): number => hash[index % hash.length] ?? 0;
    const bytes = await encodePng(width, height, (x, y) => {
      // Squares of 12 pixels, each in a colour of its own.
      const square = Math.floor(x / 12) * 7 + Math.floor(y / 12) * 3;
      return [tone(square), tone(square + 1), tone(square + 2)];
    });
    return { bytes, contentType: 'image/png', seed: order.seed };
  },
  async check() {},
};
