import { describe, expect, it } from '@jest/globals';
import type { Detection } from '../../../../src/core/changes/detection.ts';
import { filesReason, fitReasons, type Reason } from '../../../../src/core/changes/reasons.ts';
import { detectionSummary } from '../../../../src/core/changes/summary.ts';

const many = (count: number): Reason =>
  filesReason({
    found: Array.from({ length: count }, (_, index) => ({
      path: `services/web/file-${index}`,
      change: 'changed',
    })),
    more: false,
  });

describe('reasons', () => {
  it('list the first files and count all', () => {
    expect(many(30)).toMatchObject({ kind: 'files', count: 30, text: '30 files, first services/web/file-0' });
    expect(many(1)).toMatchObject({ count: 1, text: 'services/web/file-0 changed' });
  });

  it('are shortened until they fit, and name every service still', () => {
    const names = Array.from({ length: 500 }, (_, index) => `service-${index}`);
    const reasons = Object.fromEntries(names.map((name) => [name, [many(20)]]));
    expect(fitReasons(reasons, 10_000_000)).toBe(reasons);
    for (const limit of [200_000, 60_000]) {
      const fitting = fitReasons(reasons, limit);
      expect(JSON.stringify(fitting).length).toBeLessThanOrEqual(limit);
      expect(Object.keys(fitting)).toEqual(names);
    }
  });
});

describe('the summary', () => {
  const detection: Detection = {
    services: ['web'],
    deleted: ['old'],
    reasons: {
      web: [
        {
          kind: 'files',
          text: 'two',
          files: ['a|b', '<img src=x onerror=alert(1)>@octocat'],
          count: 7,
          more: true,
        },
      ],
    },
    base: 'a'.repeat(40),
    head: 'b'.repeat(40),
    baseTitle: 'the commit before the push',
    warnings: ['Something `odd`.'],
    total: 3,
  };

  it('says what changed, why, and compared with what', () => {
    const text = detectionSummary(detection);
    expect(text).toContain('1 of 3 services changed');
    expect(text).toContain('<code>bbbbbbbbbbbb</code> compared with <code>aaaaaaaaaaaa</code>');
    expect(text).toContain('and 5+ more');
    expect(text).toContain('No longer there: <code>old</code>');
  });

  it('brings nothing foreign to life', () => {
    const text = detectionSummary(detection);
    expect(text).not.toMatch(/<img|@octocat|a\|b|`odd`/);
  });

  it('says when nothing changed, or everything', () => {
    expect(detectionSummary({ ...detection, services: [], deleted: [], reasons: {} })).toContain(
      'No service changed',
    );
    const all = { ...detection, services: ['a', 'b', 'c'], base: undefined, baseTitle: 'no base' };
    expect(detectionSummary(all)).toContain('All 3 services');
    expect(detectionSummary(all)).toContain('without a base: no base');
  });
});
