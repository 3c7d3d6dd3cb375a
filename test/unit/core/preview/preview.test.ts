import { describe, expect, it } from '@jest/globals';
import { hasNews, plannedBefore } from '../../../../src/core/preview/preview.ts';
import { planEntry, previewOf } from '../../../support/previews.ts';

const dependencies = [
  { name: 'db', dependsOn: [], file: '' },
  { name: 'queue', dependsOn: ['db', 'queue'], file: '' },
  { name: 'web', dependsOn: ['queue'], file: '' },
];
const entries = [
  planEntry('db'),
  planEntry('web', 'homelab', { wave: 3 }),
  planEntry('web', 'aws', { wave: 3 }),
];

describe('plannedBefore', () => {
  it('goes through services that are not planned, and round no circle', () => {
    expect(Object.fromEntries(plannedBefore(previewOf(entries, { dependencies })))).toEqual({
      db: [],
      web: ['db'],
    });
  });
});

describe('hasNews', () => {
  it('is so when something is deployed, goes away or is wrong', () => {
    expect(hasNews(previewOf([]))).toBe(false);
    expect(hasNews(previewOf(entries))).toBe(true);
    expect(hasNews(previewOf([], { unreadable: [{ service: 'a', why: 'x' }] }))).toBe(true);
  });
});
