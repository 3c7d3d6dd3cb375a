import { describe, expect, it } from '@jest/globals';
import * as z from 'zod/mini';
import { launchFile } from '../../../src/core/config/launch-file.ts';
import { type FingerprintParts, fingerprintOf } from '../../../src/core/fingerprint.ts';
import { noLaunchFile } from '../../../src/core/project/project.ts';

const parts: FingerprintParts = {
  content: 'tree',
  inputs: [{ pattern: '../x', found: [{ path: 'x', kind: 'file', id: '1' }] }],
  settings: { a: 1, b: { c: [1, 2] } },
};

describe('a fingerprint', () => {
  it('is a SHA-256 that does not depend on the order of keys', () => {
    expect(fingerprintOf(parts)).toMatch(/^[0-9a-f]{64}$/);
    expect(fingerprintOf({ ...parts, settings: { b: { c: [1, 2] }, a: 1 } })).toBe(fingerprintOf(parts));
  });

  it.each<[string, Partial<FingerprintParts>]>([
    ['the content', { content: 'other' }],
    ['an input that is gone', { inputs: [{ pattern: '../x', found: [] }] }],
    ['the id of an input', { inputs: [{ pattern: '../x', found: [{ path: 'x', kind: 'file', id: '2' }] }] }],
    [
      'the mode of an input',
      { inputs: [{ pattern: '../x', found: [{ path: 'x', kind: 'executable', id: '1' }] }] },
    ],
    ['a setting', { settings: { a: 1, b: { c: [2, 1] } } }],
  ])('changes with %s', (_name, change) => {
    expect(fingerprintOf({ ...parts, ...change })).not.toBe(fingerprintOf(parts));
  });
});

it('an absent launch.yml means what an empty one does', () => {
  expect(noLaunchFile).toEqual(z.parse(launchFile, {}));
});
