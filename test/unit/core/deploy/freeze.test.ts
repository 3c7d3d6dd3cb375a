import { describe, expect, it } from '@jest/globals';
import { type Freeze, frozenWith, judgeFreeze } from '../../../../src/core/deploy/freeze.ts';

const freeze: Freeze = { reason: 'taken back', at: '2026-01-01T00:00:00.000Z', held: ['three'] };

describe('a frozen service', () => {
  it.each([
    ['nothing is frozen', undefined, 'three', false, 'none'],
    ['what was taken away', freeze, 'three', false, 'held'],
    ['a commit that touches it', freeze, 'four', false, 'lifted'],
    ['by force', freeze, 'three', true, 'lifted'],
    ['strictly, a commit that touches it', { ...freeze, strict: true }, 'four', false, 'refused'],
    ['strictly, one that does not', { ...freeze, strict: true }, 'three', false, 'held'],
    ['strictly, by force', { ...freeze, strict: true }, 'four', true, 'lifted'],
  ] as const)('%s', (_title, frozen, fingerprint, force, verdict) => {
    expect(judgeFreeze(frozen, { fingerprint, force })).toBe(verdict);
  });

  it('holds everything that was taken away, rollback after rollback, and stays strict', () => {
    const more = frozenWith(
      { ...freeze, strict: true },
      { reason: 'again', at: '2026-01-02T00:00:00.000Z', fingerprints: ['two', 'three'] },
    );
    expect(more).toEqual({
      reason: 'again',
      at: '2026-01-02T00:00:00.000Z',
      held: ['three', 'two'],
      strict: true,
    });
  });
});
