import { describe, expect, it } from '@jest/globals';
import { type ContainerNow, judgeContainers } from '../../../../src/core/deploy/container-verdict.ts';

const running: ContainerNow = {
  id: 'a',
  name: 'web-1',
  status: 'running',
  exitCode: 0,
  restarts: 0,
  outOfMemory: false,
  health: undefined,
  healthOutput: '',
  error: '',
};
const judge = (...changes: Partial<ContainerNow>[]) =>
  judgeContainers(
    changes.map((change) => ({ ...running, ...change })),
    new Map([['old', 3]]),
  );

describe('judgeContainers', () => {
  it('is content with what runs, with jobs that ended with 0, and knows whether one was probed', () => {
    expect(judge({}, { status: 'exited' })).toEqual({ kind: 'good', probed: false });
    expect(judge({}, { health: 'healthy' })).toEqual({ kind: 'good', probed: true });
    expect(judge({ id: 'old', restarts: 3 })).toEqual({ kind: 'good', probed: false });
  });

  it('waits for what starts', () => {
    expect(judge({ health: 'starting' }).kind).toBe('waiting');
    expect(judge({ status: 'created' }).kind).toBe('waiting');
  });

  it('does not wait for what did not run before either', () => {
    const job = { ...running, id: 'job', status: 'created' };
    expect(judgeContainers([running, job], new Map(), new Set(['job'])).kind).toBe('good');
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
  ])('fails for %j', (change, reason) => {
    expect(judge({ health: 'starting' }, change)).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining(reason),
    });
  });
});
