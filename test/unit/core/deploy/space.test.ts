import { describe, expect, it } from '@jest/globals';
import {
  assertSpace,
  formatBytes,
  leastForImages,
  leastForState,
} from '../../../../src/core/deploy/space.ts';

const mib = 1024 ** 2;

describe('a disk without room for a deployment', () => {
  it('is told with what is there and what is wanted, in units that show both', () => {
    const state = { of: 'state', path: '/state', free: { bytes: 100_000, files: 5000 } } as const;
    expect(() => assertSpace(state, leastForState)).toThrow(
      'Only 97 KiB are free on the disk of the state folder (/state); a deployment wants 256 KiB.',
    );
    const images = {
      of: 'images',
      path: '/var/lib/docker',
      free: { bytes: 100 * mib, files: 5000 },
    } as const;
    expect(() => assertSpace(images, leastForImages)).toThrow(
      'Only 100 MiB are free on the disk of Docker (/var/lib/docker); a deployment wants 512 MiB.',
    );
  });

  it('is mended where it is full', () => {
    const free = { bytes: 0, files: undefined };
    expect(() => assertSpace({ of: 'state', path: '/state', free }, 1)).toThrow('keep fewer releases');
    expect(() => assertSpace({ of: 'state', path: '/state', free }, 1)).not.toThrow('docker image prune');
    expect(() => assertSpace({ of: 'images', path: '/docker', free }, 1)).toThrow('docker image prune');
  });

  it('that takes no more files is told apart from one without bytes', () => {
    const free = { bytes: 100_000 * mib, files: 3 };
    expect(() => assertSpace({ of: 'state', path: '/state', free }, leastForState)).toThrow(
      'Only 3 more files (inodes) fit on the disk of the state folder (/state); a deployment wants 100.',
    );
  });

  it('has room when both suffice, or the number of files has no bound', () => {
    for (const files of [100, undefined]) {
      assertSpace({ of: 'state', path: '/state', free: { bytes: leastForState, files } }, leastForState);
    }
  });
});

it.each([
  [0, '0 bytes'],
  [1023, '1023 bytes'],
  [256 * 1024, '256 KiB'],
  [512 * mib - 1, '511 MiB'],
  [1.55 * 1024 * mib, '1.5 GiB'],
  [3 * 1024 ** 4, '3 TiB'],
])('%d bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));
