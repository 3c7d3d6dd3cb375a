import { describe, expect, it } from '@jest/globals';
import { type BaseWishes, baseSteps } from '../../../../src/core/changes/base-rules.ts';
import type { EventFacts } from '../../../../src/core/changes/event.ts';

const before = 'b'.repeat(40);
const head = 'c'.repeat(40);
const push = (more: Partial<EventFacts> = {}): EventFacts => ({
  event: 'push',
  branch: 'main',
  defaultBranch: 'main',
  push: { before, forced: false },
  ...more,
});

/** The kinds of the steps for an event, in order. */
function kinds(facts: EventFacts, wishes: Partial<BaseWishes> = {}): string[] {
  return baseSteps(facts, { since: 'last-success', ...wishes }).map(({ kind }) => kind);
}

describe('the steps to a base', () => {
  const pullRequest = { event: 'pull_request', commit: head, pullRequest: { base: before, head } };
  const table: [string, EventFacts, Partial<BaseWishes>, string[]][] = [
    ['a base that is given', push(), { base: 'v1' }, ['revision']],
    ['a base of zeros', push(), { base: '0'.repeat(40) }, ['everything']],
    ['a pull request', pullRequest, {}, ['merge-parent', 'pull-request-merge-base']],
    ['a merge group', { event: 'merge_group', mergeGroup: { base: before } }, {}, ['commit']],
    ['a push', push(), {}, ['last-success', 'commit']],
    ['a push since the event', push(), { since: 'event' }, ['commit']],
    ['a first push of a branch', push({ branch: 'x', push: { forced: false } }), {}, ['branch-merge-base']],
    ['a first push of the default branch', push({ push: { forced: false } }), {}, ['everything']],
    ['a forced push', push({ push: { before, forced: true } }), {}, ['last-success', 'commit']],
    [
      'a forced push since the event',
      push({ push: { before, forced: true } }),
      { since: 'event' },
      ['commit'],
    ],
    ['a tag', { event: 'push', tag: 'v2', push: { forced: false } }, {}, ['previous-tag']],
    ['a dispatch on a tag', { event: 'workflow_dispatch', tag: 'v2' }, {}, ['previous-tag']],
    [
      'a dispatch on another branch',
      { event: 'workflow_dispatch', branch: 'x', defaultBranch: 'main' },
      {},
      ['last-success', 'branch-merge-base'],
    ],
    [
      'a schedule',
      { event: 'schedule', branch: 'main', defaultBranch: 'main' },
      {},
      ['last-success', 'everything'],
    ],
    ['a terminal', { event: undefined }, {}, ['branch-merge-base']],
    ['an event that says nothing', { event: 'repository_dispatch' }, {}, ['everything']],
  ];

  it.each(table)('for %s', (_name, facts, wishes, expected) => {
    // The last resort is always the same.
    expect(kinds(facts, wishes)).toEqual([...expected, 'everything']);
  });

  it('asks a forced push for what was deployed, ancestor or not, and never less than what was there', () => {
    expect(baseSteps(push({ push: { before, forced: true } }), { since: 'last-success' })[0]).toMatchObject({
      kind: 'last-success',
      forcedFrom: before,
      whenNone: [{ kind: 'commit', commit: before }],
    });
  });

  it('does not fall back to the commit before a push when nothing was ever deployed', () => {
    expect(baseSteps(push(), { since: 'last-success' })[0]).toMatchObject({
      whenNone: [{ kind: 'everything', expected: false }],
    });
    expect(baseSteps(push({ branch: 'x' }), { since: 'last-success' })[0]).toMatchObject({
      whenNone: [{ kind: 'branch-merge-base', branch: 'main' }],
    });
  });
});
