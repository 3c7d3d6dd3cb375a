import { describe, expect, it } from '@jest/globals';
import { type JournalEntry, recoveryFor } from '../../../../src/core/deploy/journal.ts';

const note = (step: JournalEntry['step']): JournalEntry => ({
  step,
  at: 'now',
  release: 'r2',
  previous: 'r1',
});
const upTo = (...steps: JournalEntry['step'][]) => recoveryFor(steps.map(note));

describe('recoveryFor', () => {
  it.each([
    [[], 'none'],
    [['snapshot'], 'discard'],
    [['snapshot', 'prepare'], 'discard'],
    [['snapshot', 'prepare', 'start'], 'put-back'],
    [['snapshot', 'prepare', 'start', 'put-back'], 'put-back'],
    [['snapshot', 'prepare', 'start', 'restored'], 'finish-undo'],
    [['snapshot', 'prepare', 'start', 'put-back', 'restored'], 'finish-undo'],
    [['snapshot', 'prepare', 'start', 'verified'], 'finish'],
    [['remove'], 'remove'],
  ] as const)('of a journal that ends at %j is %s', (steps, kind) => {
    expect(upTo(...steps).kind).toBe(kind);
  });

  it('looks at the last release only', () => {
    const older = [note('start'), note('verified')].map((entry) => ({ ...entry, release: 'r0' }));
    expect(recoveryFor([...older, note('snapshot')])).toEqual({ kind: 'discard', release: 'r2' });
  });
});
