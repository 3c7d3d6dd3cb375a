import { describe, expect, it } from '@jest/globals';
import { judgeSupersession, type RunOrder } from '../../../../src/core/deploy/supersession.ts';

const order = (run: number, attempt = 1, line = 'deploy.yml@refs/heads/main'): RunOrder => ({
  line,
  run,
  attempt,
});
const history = ['a', 'b', 'c'];
const isAncestor = async (older: string, newer: string) =>
  history.includes(older) && history.indexOf(older) < history.indexOf(newer);

describe('judgeSupersession', () => {
  it.each([
    ['the commit that is live', { commit: 'b' }, { commit: 'b' }, 'none'],
    ['a later commit', { commit: 'c' }, { commit: 'b' }, 'none'],
    ['an earlier commit', { commit: 'a' }, { commit: 'b' }, 'refused'],
    ['a commit of another history', { commit: 'z' }, { commit: 'b' }, 'none'],
    ['a later run', { commit: 'c', order: order(8) }, { commit: 'b', order: order(7) }, 'none'],
    [
      'a later run of a branch that was reset',
      { commit: 'a', order: order(8) },
      { commit: 'c', order: order(7) },
      'none',
    ],
    ['an earlier commit that somebody named', { commit: 'a', chosen: true }, { commit: 'b' }, 'none'],
    [
      'an earlier run with a commit that somebody named',
      { commit: 'a', chosen: true, order: order(6) },
      { commit: 'c', order: order(7) },
      'overtaken',
    ],
    ['an earlier run', { commit: 'b', order: order(6) }, { commit: 'c', order: order(7) }, 'overtaken'],
    [
      'an earlier run with an unrelated commit',
      { commit: 'z', order: order(6) },
      { commit: 'c', order: order(7) },
      'overtaken',
    ],
    [
      'an earlier run that was started again',
      { commit: 'b', order: order(6, 2) },
      { commit: 'c', order: order(7) },
      'refused',
    ],
    [
      'the same run, started again',
      { commit: 'b', order: order(7, 2) },
      { commit: 'c', order: order(7) },
      'none',
    ],
    [
      'a run of another workflow, with a later commit',
      { commit: 'c', order: order(1, 1, 'other') },
      { commit: 'b', order: order(7) },
      'none',
    ],
    [
      'a run of another workflow, with an earlier commit',
      { commit: 'a', order: order(99, 1, 'other') },
      { commit: 'b', order: order(7) },
      'refused',
    ],
    ['a terminal with an earlier commit', { commit: 'a' }, { commit: 'b', order: order(7) }, 'refused'],
  ] as const)('%s', async (_name, asked, live, kind) => {
    expect(await judgeSupersession(asked, live, isAncestor)).toMatchObject({ kind });
  });

  it('says which run and which commit is live', async () => {
    const asked = { commit: 'b'.repeat(40), order: order(6) };
    const live = { commit: 'c'.repeat(40), order: order(7) };
    expect(await judgeSupersession(asked, live, isAncestor)).toMatchObject({
      because: 'run 7 of the same branch has deployed cccccccccccc, and this is run 6',
    });
  });
});
