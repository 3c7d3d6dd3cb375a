import { describe, expect, it } from '@jest/globals';
import { describeTrigger, isChosen, recordOf } from '../../../../src/core/deploy/trigger.ts';

describe('a trigger', () => {
  it('knows a commit that somebody named from the one that the event is about', () => {
    const byHand = { event: 'workflow_dispatch', commit: 'new' };
    expect([isChosen(byHand, 'old'), isChosen(byHand, 'new')]).toEqual([true, false]);
    // A push that waits in line checks out its own commit; another one is not what a person asked for.
    expect(isChosen({ event: 'push', commit: 'new' }, 'old')).toBe(false);
    expect(isChosen({ event: 'workflow_dispatch' }, 'old')).toBe(false);
    expect(isChosen(undefined, 'old')).toBe(false);
  });

  it('is kept, and told, in a few words', () => {
    const byHand = { event: 'workflow_dispatch', commit: 'new' };
    expect(recordOf(byHand, 'old', true)).toEqual({
      event: 'workflow_dispatch',
      forced: true,
      chosen: true,
    });
    expect(recordOf({ event: 'terminal' }, 'old', false)).toEqual({ event: 'terminal' });
    expect(describeTrigger(recordOf(byHand, 'old', true))).toBe('by hand, forced, commit chosen');
    expect(describeTrigger({ event: 'repository_dispatch' })).toBe('repository dispatch');
    expect(describeTrigger({ event: 'terminal', forced: true })).toBe('terminal, forced');
    expect(describeTrigger(undefined)).toBe('');
  });
});
