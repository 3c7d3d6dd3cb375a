import { describe, expect, it } from '@jest/globals';
import { isHealthStale } from '../../../../src/core/deploy/stale-health.ts';

const ends = ['a', 'b', 'c', 'd', 'e'];

describe('isHealthStale', () => {
  it.each<[string, number | undefined, readonly string[], number, readonly string[] | undefined, boolean]>([
    ['of a container that was started for it', 2, ends, 2, undefined, false],
    ['of a container that was paused', 0, ends, 2, undefined, true],
    ['known before', 2, ends, 2, ends, true],
    ['that failed once since, where two failures count', 3, ends, 2, ['x', 'a', 'b', 'c', 'd'], true],
    ['that failed twice since, where two failures count', 4, ends, 2, ['x', 'y', 'a', 'b', 'c'], false],
    ['that failed twice since, where the default of three counts', 4, ends, 0, ['a', 'b', 'c'], true],
    ['that failed more often than the engine remembers', 9, ends, 9, [], false],
    ['of an engine that counts nothing', undefined, ends, 1, [], false],
  ])('%s', (_title, failingStreak, all, retries, before, expected) => {
    const known = before === undefined ? undefined : new Set(before);
    expect(isHealthStale({ failingStreak, ends: all, retries }, known)).toBe(expected);
  });
});
