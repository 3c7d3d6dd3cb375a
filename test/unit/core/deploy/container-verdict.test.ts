import { describe, expect, it } from '@jest/globals';
import { type ContainerNow, judgeContainers } from '../../../../src/core/deploy/container-verdict.ts';

const running: ContainerNow = {
  id: 'a',
  name: 'web-1',
  status: 'running',
  exitCode: 0,
  restarts: 0,
  outOfMemory: false,
  isJob: true,
  health: undefined,
  isHealthStale: false,
  healthOutput: '',
  error: '',
};
const judge = (...changes: Partial<ContainerNow>[]) =>
  judgeContainers(
    changes.map((change) => ({ ...running, ...change })),
    { restarts: new Map([['old', 3]]), idle: new Set(['idle']), ran: new Set(['ran']) },
  );

describe('judgeContainers', () => {
  it('is content with what runs, with jobs that ended with 0, and knows whether one was probed', () => {
    expect(judge({}, { status: 'exited' })).toEqual({ kind: 'good', probed: false, unprobed: ['a'] });
    expect(judge({}, { id: 'b', health: 'healthy' })).toEqual({
      kind: 'good',
      probed: true,
      unprobed: ['a'],
    });
    expect(judge({ id: 'old', restarts: 3 })).toEqual({ kind: 'good', probed: false, unprobed: ['old'] });
  });

  it('waits for what starts', () => {
    expect(judge({ health: 'starting' }).kind).toBe('waiting');
    expect(judge({ status: 'created' }).kind).toBe('waiting');
    expect(judge({ health: 'unhealthy', isHealthStale: true }).kind).toBe('waiting');
  });

  it('does not wait for what did not run before either', () => {
    expect(judge({}, { id: 'idle', status: 'created' }).kind).toBe('good');
    expect(judge({}, { id: 'idle', status: 'exited', isJob: false }).kind).toBe('good');
  });

  it.each([
    [{ status: 'exited', exitCode: 3 }, 'exit status 3'],
    [{ status: 'exited', exitCode: 137, outOfMemory: true }, 'out of memory'],
    [{ status: 'restarting', exitCode: 1 }, 'started again'],
    [{ restarts: 1 }, 'started again'],
    [{ id: 'old', restarts: 4 }, 'started again'],
    [{ health: 'unhealthy', healthOutput: 'no\nanswer' }, 'unhealthy: "no\\u000aanswer"'],
    [{ status: 'created', error: 'no such program' }, 'no such program'],
    [{ status: 'dead' }, 'dead'],
    [{ status: 'exited', isJob: false }, 'ended (exit status 0)'],
    [{ status: 'exited', id: 'ran' }, 'ended (exit status 0)'],
    // What its check had said is of no interest any more.
    [{ status: 'exited', isJob: false, health: 'unhealthy', healthOutput: 'ok' }, 'ended (exit status 0)'],
  ])('fails for %j', (change, reason) => {
    expect(judge({ health: 'starting' }, change)).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining(reason),
    });
  });
});
