import { describe, expect, it } from '@jest/globals';
import { judgeRemoval, judgeSupersession, type RunOrder } from '../../../../src/core/deploy/supersession.ts';

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

describe('judgeRemoval', () => {
  const at = '2026-11-01T12:00:00.000Z';
  const before = new Date('2026-11-01T11:00:00Z');
  const after = new Date('2026-11-01T13:00:00Z');
  const knows = async (older: string, newer: string) =>
    history.includes(newer) ? await isAncestor(older, newer) : undefined;
  it.each([
    ['an older commit serves', { commit: 'c', madeAt: before }, { commit: 'b' }, true],
    ['a newer commit serves', { commit: 'a', madeAt: before }, { commit: 'b' }, false],
    ['that very commit serves', { commit: 'b', madeAt: after }, { commit: 'b' }, false],
    ['an earlier run serves', { commit: 'c', order: order(8) }, { commit: 'z', order: order(7) }, true],
    ['a later run serves', { commit: 'c', order: order(6, 2) }, { commit: 'a', order: order(7) }, false],
    ['it is not known, and serves for longer', { commit: 'c', madeAt: after }, { commit: 'z' }, true],
    ['it is not known, and came later', { commit: 'c', madeAt: before }, { commit: 'z' }, false],
    ['nothing is known', { commit: 'c' }, { commit: 'z' }, true],
  ] as const)('where %s', async (_title, asked, live, mayGo) => {
    const because = await judgeRemoval({ madeAt: undefined, ...asked }, { ...live, at }, knows);
    expect(because === undefined).toBe(mayGo);
  });
});
