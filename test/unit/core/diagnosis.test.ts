import { describe, expect, it } from '@jest/globals';
import { atLeast, judgeFreeSpace, versionIn } from '../../../src/core/diagnosis.ts';

describe('versions', () => {
  it.each([
    ['git version 2.39.5', [2, 39, 5]],
    ['v5.0.2', [5, 0, 2]],
    ['24.1', [24, 1, 0]],
    ['none at all', undefined],
  ])('reads %j', (text, version) => expect(versionIn(text)).toEqual(version));

  it('compares part by part', () => {
    expect(atLeast([2, 39, 5], [2, 30])).toBe(true);
    expect(atLeast([2, 30, 0], [2, 30])).toBe(true);
    expect(atLeast([2, 29, 9], [2, 30])).toBe(false);
    expect(atLeast([10, 0, 0], [9, 9, 9])).toBe(true);
  });
});

describe('free space', () => {
  const gib = 1024 ** 3;
  it.each([
    [100 * gib, 'ok'],
    [1 * gib, 'warning'],
    [0.1 * gib, 'failed'],
  ])('of %d bytes is %s', (bytes, state) => {
    const finding = judgeFreeSpace('disk', bytes);
    expect(finding.state).toBe(state);
    expect(finding.remedy === '').toBe(state === 'ok');
  });
});
