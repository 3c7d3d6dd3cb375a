import { expect, it } from '@jest/globals';
import { diffNames } from '../../../../src/core/diff/name-diff.ts';

it('tells of names, and of values only that they differ', () => {
  const before = { LOG: 'info', OLD: '1', SAME: 'x' };
  const found = diffNames(before, { SAME: 'x', NEW: 'hidden', LOG: 'debug', constructor: 'y' });
  expect(found).toEqual({ added: ['NEW', 'constructor'], removed: ['OLD'], changed: ['LOG'] });
  expect(JSON.stringify(found)).not.toContain('hidden');
});
