import type { GeneratedImage } from './provider.ts';

/**
 * Whether it begins and ends as files of that kind do. Not every way over which a body comes tells that it was cut off,
 * and half a picture must not be stored for good.
 */
export function isWhole(type: GeneratedImage['contentType'], bytes: Uint8Array): boolean {
  const begin = textOf(bytes.subarray(0, 12));
  switch (type) {
    case 'image/png':
      return begin.startsWith('\x89PNG\r\n\x1a\n') && textOf(bytes.subarray(-8, -4)) === 'IEND';
    case 'image/jpeg':
      // Some cameras and programs write a little behind the end.
      return begin.startsWith('\xff\xd8\xff') && textOf(bytes.subarray(-1024)).includes('\xff\xd9');
    case 'image/webp':
      return begin.startsWith('RIFF') && begin.endsWith('WEBP') && riffSize(bytes) <= bytes.byteLength;
  }
}

function riffSize(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true) + 8;
}

function textOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
