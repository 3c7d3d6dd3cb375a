import { inflateSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { isWhole } from '../../../services/image-gen/src/image-file.ts';
import { encodePng } from '../../../services/image-gen/src/png.ts';

const png = await encodePng(5, 3, (x, y) => [x, y, 7]);
const jpeg = Buffer.from('ffd8ffe000104a46494600010100ffd9', 'hex');
const webp = Buffer.concat([Buffer.from('RIFF\x0c\0\0\0WEBPVP8L'), Buffer.alloc(4)]);

describe('the file of an image', () => {
  it.each([
    ['image/png', png],
    ['image/jpeg', jpeg],
    ['image/webp', webp],
  ] as const)('of the type %s is whole as long as nothing of it is missing', (type, bytes) => {
    expect(isWhole(type, bytes)).toBe(true);
    for (let length = 0; length < bytes.byteLength; length += 1) {
      expect(isWhole(type, bytes.subarray(0, length))).toBe(false);
    }
    expect(isWhole('image/png', Buffer.from('<html>'))).toBe(false);
  });

  it('is a PNG that others can read', () => {
    const file = Buffer.from(png);
    expect([file.readUInt32BE(16), file.readUInt32BE(20), file[24], file[25]]).toEqual([5, 3, 8, 2]);
    const length = file.readUInt32BE(33);
    const pixels = inflateSync(file.subarray(41, 41 + length));
    expect(pixels.byteLength).toBe(3 * (1 + 5 * 3));
    expect([...pixels.subarray(16, 23)]).toEqual([0, 0, 1, 7, 1, 1, 7]);
    // The checksum of the last chunk is the same in every PNG.
    expect(file.subarray(-4).toString('hex')).toBe('ae426082');
  });
});
