import { describe, expect, it } from '@jest/globals';
import { formatDuration, parseDuration } from '../../../../src/core/config/duration.ts';

describe('parseDuration', () => {
  it.each([
    ['0s', 0],
    ['500ms', 500],
    ['30s', 30_000],
    ['1.5m', 90_000],
    ['2h', 7_200_000],
    ['24h', 86_400_000],
  ])('reads %s', (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each(['', '30', 's', '1 s', '-1s', '1d', '1e3s', '24.1h', `${'9'.repeat(400)}s`, '0x1s', '1m30s'])(
    'refuses %j',
    (text) => expect(parseDuration(text)).toBeUndefined(),
  );
});

describe('formatDuration', () => {
  it.each([
    [0, '0 ms'],
    [999, '999 ms'],
    [1000, '1 s'],
    [1234, '1.2 s'],
    [119_000, '119 s'],
    [120_000, '2 min'],
    [90 * 60_000, '90 min'],
  ])('writes %d', (ms, text) => expect(formatDuration(ms)).toBe(text));
});
