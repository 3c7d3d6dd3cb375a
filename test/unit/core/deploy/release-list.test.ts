import { describe, expect, it } from '@jest/globals';
import { versionListSummary } from '../../../../src/core/cloudflare/version-list.ts';
import { ageOf, releaseListSummary } from '../../../../src/core/deploy/release-list.ts';

const now = new Date('2026-11-22T12:00:00Z');

describe('releaseListSummary', () => {
  const line = {
    at: '2026-11-22T09:00:00Z',
    commit: '0123456789abcdef',
    status: 'deployed' as const,
    durationMs: 1,
    fingerprint: 'f',
  };
  const list = {
    service: 'web',
    target: 'homelab',
    current: 'r3',
    left: undefined,
    restorable: ['r1'],
    frozen: undefined,
    deployments: [
      { ...line, release: 'r3', by: 'ann', run: 'https://github.com/a/b/actions/runs/1', restores: 'r1' },
      {
        ...line,
        release: 'r2',
        status: 'rolled-back' as const,
        by: 'eve | <img> @ops',
        reason: '`x` | [y](http://evil)\n::error::',
        trigger: { event: 'workflow_dispatch', forced: true },
      },
      { ...line, release: 'r1', at: '2026-11-20T10:00:00Z' },
    ],
  };

  it('says which serves, which are kept, who deployed them, when and how', () => {
    const rows = releaseListSummary(list, now).split('\n');
    expect(rows.filter((it) => it.startsWith('| '))).toEqual([
      '|  | Release | Outcome | Commit | When | Who | How | Reason |',
      '| --- | --- | --- | --- | --- | --- | --- | --- |',
      '| **serves** | <code>r3</code> | gone back to <code>r1</code> | <code>0123456789ab</code> | 3 h ago | [ann](https://github.com/a/b/actions/runs/1) |  |  |',
      expect.stringMatching(/^\| {2}\| <code>r2<\/code> \| rolled-back .* by hand, forced \|/),
      expect.stringMatching(/^\| kept \| <code>r1<\/code> .* \| 2 d 2 h ago \|/),
    ]);
    // What others wrote stays text, on its row.
    expect(rows.join('\n')).not.toMatch(/<img>|\]\(http:\/\/evil\)|@ops|^::error/m);
  });

  it('has a word for nothing, and for a freeze', () => {
    const nothing = releaseListSummary({ ...list, deployments: [], current: undefined }, now);
    expect(nothing).toContain('Nothing was deployed');
    const frozen = { reason: 'week-end', at: '2026-11-21T00:00:00Z', held: [] };
    expect(releaseListSummary({ ...list, frozen }, now)).toMatch(/> The service is frozen since .*week-end/);
  });
});

describe('ageOf', () => {
  it('is no guess where the clock or the text is wrong', () => {
    expect([ageOf('2026-11-22T12:00:00Z', now), ageOf('2027-01-01T00:00:00Z', now), ageOf('x', now)]).toEqual(
      ['less than a minute ago', '2027-01-01T00:00:00Z', 'x'],
    );
  });
});

describe('versionListSummary', () => {
  it('marks what serves, and what a rollback goes to', () => {
    const version = { number: 1, createdOn: '2026-11-22T11:00:00Z', by: 'ann', commit: 'abc' };
    const text = versionListSummary(
      {
        worker: 'api',
        previous: 'v1',
        versions: [
          { ...version, versionId: 'v2', percentage: 100 },
          { ...version, versionId: 'v1', percentage: undefined },
          { ...version, versionId: 'v0', percentage: undefined, commit: undefined, by: undefined },
        ],
      },
      now,
    );
    expect(text).toContain(
      '| **serves** | <code>v2</code> | <code>abc</code> | 1 h ago | ann |\n| the one before | <code>v1</code>',
    );
    expect(text).toContain('|  | <code>v0</code> |  | 1 h ago |  |');
  });
});
