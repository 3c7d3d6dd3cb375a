import { describe, expect, it } from '@jest/globals';
import { leastForImages, leastForState } from '../../../src/core/deploy/space.ts';
import {
  atLeast,
  judgeClock,
  judgeCompose,
  judgeEngine,
  judgeFreeSpace,
  judgeLocks,
  versionIn,
} from '../../../src/core/diagnosis.ts';

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
  const mib = 1024 ** 2;
  it.each([
    ['images', 100_000 * mib, 'ok'],
    ['images', 1000 * mib, 'warning'],
    // As a deployment judges it.
    ['images', leastForImages - 1, 'failed'],
    ['state', 300 * mib, 'ok'],
    ['state', leastForState, 'warning'],
    ['state', leastForState - 1, 'failed'],
  ] as const)('of %s, %d bytes, is %s', (of, bytes, state) => {
    const least = of === 'state' ? leastForState : leastForImages;
    const finding = judgeFreeSpace({ of, path: '/there', free: { bytes, files: undefined } }, least);
    expect(finding.state).toBe(state);
    expect(finding.remedy === '').toBe(state === 'ok');
  });

  it('for no more files is none', () => {
    const free = { bytes: 100_000 * mib, files: 3 };
    expect(judgeFreeSpace({ of: 'state', path: '/there', free }, leastForState)).toMatchObject({
      state: 'failed',
      detail: '97.6 GiB free, room for 3 more files (inodes) (/there)',
    });
  });
});

describe('the engine and compose', () => {
  it('are told with version and storage driver', () => {
    expect(judgeEngine({ version: '29.0.0', storage: 'overlay2' })).toMatchObject({
      state: 'ok',
      detail: '29.0.0, storage driver overlay2',
    });
    expect(judgeEngine({ version: '29.0.0', storage: 'vfs' }).state).toBe('warning');
  });

  it.each([
    ['v2.40.1', undefined, true, 'ok'],
    [undefined, '1.29.2', true, 'warning'],
    [undefined, '5.0.2', true, 'warning'],
    [undefined, undefined, true, 'failed'],
    [undefined, undefined, false, 'warning'],
  ] as const)('of plugin %j and standalone %j, needed: %j, is %s', (plugin, standalone, needed, state) =>
    expect(judgeCompose({ plugin, standalone }, needed).state).toBe(state),
  );
});

describe('the clock', () => {
  it('is fine within 30 s, and where nobody could be asked', () => {
    expect(judgeClock([{ of: 'the Docker Engine', aheadMs: 29_000 }]).state).toBe('ok');
    expect(judgeClock([{ of: 'api.github.com', aheadMs: undefined }])).toMatchObject({
      state: 'ok',
      detail: 'api.github.com: not checked',
    });
  });

  it('is a warning when it goes wrong in either direction', () => {
    const right = { of: 'the Docker Engine', aheadMs: 3 };
    expect(judgeClock([right, { of: 'api.github.com', aheadMs: -45_000 }])).toMatchObject({
      state: 'warning',
      detail: 'the Docker Engine: the same; 45 s behind api.github.com',
    });
    expect(judgeClock([{ of: 'api.github.com', aheadMs: 300_000 }]).detail).toBe(
      '5 min ahead of api.github.com',
    );
  });
});

describe('locks', () => {
  const free = { place: 'web on home', service: 'web', holder: undefined, unfinished: undefined };

  it('that nobody holds are fine', () =>
    expect(judgeLocks([free])).toMatchObject([{ subject: 'locks', state: 'ok' }]));

  it('that are held are named with who and since when; the journal is the holder’s', () => {
    const holder = { who: 'ann', since: '2026-01-01T00:00:00Z' };
    expect(judgeLocks([free, { ...free, holder, unfinished: 'x' }])).toMatchObject([
      { subject: 'lock of web on home', state: 'warning', detail: 'held by ann since 2026-01-01T00:00:00Z' },
    ]);
  });

  it('are told from a journal without a holder', () => {
    const [finding] = judgeLocks([{ ...free, unfinished: '20260101T000000Z-abcdef0' }]);
    expect(finding).toMatchObject({ subject: 'journal of web on home', state: 'failed' });
    expect(finding?.detail).toContain('20260101T000000Z-abcdef0 was cut off');
    expect(finding?.remedy).toContain('launch recover');
  });
});
