import { expect, it } from '@jest/globals';
import { engineTime, parseSince } from '../../../../src/core/logs/since.ts';

const now = Date.parse('2026-01-31T08:00:00.250Z');

it.each([
  ['90s', '1769846310.250000000'],
  ['10m', '1769845800.250000000'],
  ['2h', '1769839200.250000000'],
  ['3d', '1769587200.250000000'],
  ['2026-01-31T07:00:00Z', '1769842800.000000000'],
  ['2026-01-31T08:00:00+01:00', '1769842800.000000000'],
  ['2026-01-31', '1769817600.000000000'],
])('takes %s', (text, expected) => {
  const found = parseSince(text, now);
  expect(found).toBe(expected);
});

it.each(['', 'x', '10', '-5m', '2026-13-01', '10m; rm', '2026-01-31T07:00:00Z\n', '1e3s', '99999d'])(
  'refuses %j',
  (text) => {
    expect(parseSince(text, now)).toBeUndefined();
  },
);

it('keeps the nanoseconds of the engine', () => {
  expect(engineTime('2026-01-31T07:00:00.123456789Z')).toBe('1769842800.123456789');
  expect(engineTime('2026-01-31T07:00:00Z')).toBe('1769842800.000000000');
});
