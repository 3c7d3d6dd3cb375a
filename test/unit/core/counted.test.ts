import { expect, it } from '@jest/globals';
import { counted } from '../../../src/core/counted.ts';

it('says how many there are, in the right number', () => {
  expect(counted(0, 'service')).toBe('0 services');
  expect(counted(1, 'service')).toBe('1 service');
  expect(counted(2, 'change is', 'changes are')).toBe('2 changes are');
});
