import { describe, expect, it } from '@jest/globals';
import { chooseRelease, leftOver, releaseBefore } from '../../../../src/core/deploy/choose-release.ts';
import { planPrune } from '../../../../src/core/deploy/prune.ts';
import type { HistoryLine, Release } from '../../../../src/core/deploy/release.ts';

/** `id` in the order of time: `c1` is a commit's, `r4` a rollback; `c2!` was never healthy. */
interface Step {
  readonly id: string;
  readonly previous?: string;
  readonly restores?: string;
  readonly before?: string;
  readonly bad?: boolean;
}

const record = ({ bad, ...step }: Step): Release => ({
  format: 1,
  service: 'web',
  target: 'homelab',
  repository: 'octo/shop',
  driver: 'compose',
  status: bad === true ? 'rolled-back' : 'deployed',
  commit: 'c'.repeat(40),
  fingerprint: step.restores ?? step.id,
  seal: '',
  secretNames: [],
  at: '',
  folder: 'services/web',
  mounts: [],
  images: {},
  containers: [],
  ...step,
});

const commits: Step[] = [{ id: '1c' }, { id: '2c', previous: '1c' }, { id: '3c', previous: '2c' }];
const backOnce: Step[] = [...commits, { id: '4r', previous: '3c', restores: '2c', before: '1c' }];
const backTwice: Step[] = [...backOnce, { id: '5r', previous: '4r', restores: '1c' }];
const onwards: Step[] = [...backOnce, { id: '5c', previous: '4r' }];

describe('the release before', () => {
  it.each<[string, Step[], string | undefined]>([
    ['the first release has none', [{ id: '1c' }], undefined],
    ['the one that served before', commits, '2c'],
    ['after a rollback, one further back', backOnce, '1c'],
    ['after two, none is left', backTwice, undefined],
    ['of a commit deployed over a rollback, what the rollback had brought back', onwards, '4r'],
    [
      'back from there, one further',
      [...onwards, { id: '6r', previous: '5c', restores: '2c', before: '1c' }],
      '1c',
    ],
    [
      'never one that was not healthy',
      [{ id: '1c' }, { id: '2c', previous: '1c', bad: true }, { id: '3c', previous: '1c' }],
      '1c',
    ],
    ['its copy, when it has been pruned itself', onwards.filter(({ id }) => id !== '2c'), '4r'],
    [
      'a copy of the one further back',
      [
        { id: '4r', previous: '3c', restores: '2c', before: '1c' },
        { id: '5c', previous: '4r' },
        { id: '6r', previous: '5c', restores: '3c', before: '2c' },
      ],
      '4r',
    ],
    [
      'what is older still, when it has been pruned without a copy',
      commits.filter(({ id }) => id !== '2c'),
      '1c',
    ],
  ])('%s', (_title, steps, expected) => {
    const releases = steps.map(record);
    const current = steps.at(-1)?.id;
    expect(releaseBefore({ releases, current, last: undefined })?.id).toBe(expected);
  });

  it('is the healthy one, when a failed release was left as it is', () => {
    const releases = [...commits, { id: '4c', previous: '3c', bad: true }].map(record);
    const last = { release: '4c', status: 'failed' } as const;
    expect(releaseBefore({ releases, current: '3c', last, left: '4c' })?.id).toBe('3c');
    expect(releaseBefore({ releases, current: '3c', last: { ...last, status: 'rolled-back' } })?.id).toBe(
      '2c',
    );
  });

  it('is older than what serves, when that does not come up again itself', () => {
    const releases = [...commits, { id: '4c', previous: '3c', bad: true }].map(record);
    const last = { release: '4c', status: 'failed' } as const;
    expect(releaseBefore({ releases, current: '3c', last })?.id).toBe('2c');
  });

  it('knows what was left over the one that serves, and not what was left before it', () => {
    const line = (release: string, more = {}): HistoryLine => ({
      release,
      at: '',
      commit: '',
      status: 'failed',
      durationMs: 0,
      fingerprint: '',
      ...more,
    });
    const history = [line('2c', { left: true }), line('4c', { left: true }), line('5c')];
    expect(leftOver(history, '3c')).toBe('4c');
    expect(leftOver(history, '6c')).toBeUndefined();
    expect(leftOver(history, undefined)).toBe('4c');
    expect(leftOver([...history, line('4c', { status: 'removed' })], undefined)).toBeUndefined();
  });

  it.each([
    ['of one second', '20260101T000000Z-bbbbbbb', '20260101T000000Z-aaaaaaa'],
    ['of a clock that was set back', '20260101T000000Z-aaaaaaa', '20251231T230000Z-bbbbbbb'],
  ])('goes by the order in which they were recorded: %s', (_title, first, second) => {
    const line = (release: string, status: HistoryLine['status'], left = false): HistoryLine => ({
      release,
      at: '',
      commit: '',
      status,
      durationMs: 0,
      fingerprint: '',
      ...(left ? { left } : {}),
    });
    const isLeft = [line(first, 'deployed'), line(second, 'failed', true), line(first, 'unlocked')];
    expect(leftOver(isLeft, first)).toBe(second);
    expect(leftOver([line(first, 'failed', true), line(second, 'deployed')], second)).toBeUndefined();
  });

  it('ends with a record that leads in a circle', () => {
    const releases = [
      { id: '1c', previous: '2c', bad: true },
      { id: '2c', previous: '1c' },
    ].map(record);
    expect(releaseBefore({ releases, current: '2c', last: undefined })).toBeUndefined();
  });
});

describe('a release by its name', () => {
  const known = {
    releases: [...commits, { id: '4c', previous: '3c', bad: true }].map(record),
    current: '3c',
    last: undefined,
  };

  it('is that one, even if it never was healthy', () => {
    expect(chooseRelease(known, '1c').id).toBe('1c');
    expect(chooseRelease(known, '4c').id).toBe('4c');
  });

  it('is a copy of it when it has been pruned', () => {
    const releases = backOnce.filter(({ id }) => id !== '2c').map(record);
    expect(chooseRelease({ ...known, releases }, '2c').id).toBe('4r');
  });

  it('is an error that lists what there is', () => {
    expect(() => chooseRelease(known, '9c')).toThrow(
      'There is no release "9c" on this host. Name one of those that are kept: 4c (never healthy), 2c, 1c.',
    );
  });
});

describe('pruning with rollbacks', () => {
  it('counts a rollback and what it restored as one, and keeps where a rollback would go', () => {
    const releases = backOnce.map(record);
    const records = new Map(releases.map((it) => [it.id, it]));
    const request = { releases: releases.map(({ id }) => id), records, mounts: [] };
    const kept = { current: '4r', previous: '3c', next: '1c' };
    expect(planPrune({ ...request, ...kept, keep: 3 }).releases).toEqual(['2c']);
    expect(planPrune({ ...request, ...kept, keep: 0 }).releases).toEqual(['2c']);
  });
});
