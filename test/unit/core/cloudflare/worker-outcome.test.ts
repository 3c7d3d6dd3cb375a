import { describe, expect, it } from '@jest/globals';
import { exitCodeOfWorker } from '../../../../src/cli/exit-codes.ts';
import { isWorkerDown, serving, workerFailure } from '../../../../src/core/cloudflare/worker-failure.ts';
import type { WorkerResult } from '../../../../src/core/cloudflare/worker-result.ts';
import {
  failureOfSet,
  statusOfSet,
  takenBackWith,
  type WorkerOutcome,
} from '../../../../src/core/cloudflare/worker-set.ts';
import { untouchedSummary, workerSummary } from '../../../../src/core/cloudflare/worker-summary.ts';
import { LaunchError } from '../../../../src/core/errors.ts';
import { idOf } from './worker-past.ts';

const fine: WorkerResult = {
  operation: 'deploy',
  status: 'deployed',
  worker: 'api',
  versionId: idOf(2),
  previousVersionId: idOf(1),
  liveVersionId: idOf(2),
  urls: ['https://api.octo.workers.dev'],
  commit: '3f9c2a1b7d44aaaabbbbccccddddeeeeffff0000',
  durationMs: 1500,
  tested: 'before traffic',
  failure: undefined,
  notTakenBack: undefined,
  notices: [],
  plan: undefined,
};
const failure = { reason: 'The smoke test failed: status 500', lines: [] };
const back: WorkerResult = { ...fine, status: 'rolled-back', liveVersionId: idOf(1), failure };
const first: WorkerResult = { ...fine, status: 'failed', previousVersionId: undefined, failure };
const stuck: WorkerResult = { ...fine, status: 'failed', failure, notTakenBack: 'a migration is in the way' };
const unknown: WorkerResult = { ...stuck, liveVersionId: undefined };

describe('what became of a worker', () => {
  it('is no error when it serves', () => {
    expect(workerFailure(fine)).toBeUndefined();
    expect(exitCodeOfWorker(fine)).toBe(0);
  });

  it.each([
    [
      'taken back',
      back,
      'DEPLOY_FAILED',
      /version 00000002.* failed: The smoke test.*00000001.* has all of the traffic/,
      3,
    ],
    ['first', first, 'DEPLOY_FAILED', /first version of the worker: there is none to go back to/, 4],
    ['stuck', stuck, 'ROLLBACK_FAILED', /could not be put back: a migration is in the way/, 4],
    ['unknown', unknown, 'ROLLBACK_FAILED', /could not be found out/, 4],
    [
      'cancelled',
      { ...back, failure: { ...failure, cancelled: true } },
      'CANCELLED',
      /00000001.* has all of the traffic/,
      3,
    ],
    [
      'overtaken',
      { ...fine, status: 'failed', liveVersionId: idOf(7), failure },
      'DEPLOY_FAILED',
      /00000007 has all/,
      1,
    ],
  ] as const)('is an error with what serves: %s', (_name, result, code, message, exitCode) => {
    const error = workerFailure(result);
    expect(error?.code).toBe(code);
    expect(error?.message).toMatch(message);
    expect(exitCodeOfWorker(result)).toBe(exitCode);
    expect(isWorkerDown(result)).toBe(exitCode === 4);
    expect(workerSummary(result)).toContain('### ');
  });

  it('is summed up for people', () => {
    const summary = workerSummary({ ...fine, worker: 'a|b<script>', notices: ['Look | here'] });
    expect(summary).toMatch(/### ✅ Deployed: a&#124;b&#60;script&#62;/);
    expect(summary).toMatch(/before it got traffic/);
    expect(workerSummary({ ...fine, plan: ['line'] })).toMatch(/Rehearsal[\s\S]*line/);
    expect(workerSummary({ ...fine, operation: 'rollback' })).toMatch(/⏪ Gone back/);
    expect(serving({ ...fine, operation: 'delete', status: 'deleted' })).toBe('The worker is gone.');
  });
});

describe('what became of a set', () => {
  const done = (service: string, result: WorkerResult): WorkerOutcome => ({ kind: 'done', service, result });
  const refused: WorkerOutcome = {
    kind: 'refused',
    service: 'x',
    error: new LaunchError('API_AUTH', 'No.', { remedy: 'Yes.' }),
  };
  const heldBack: WorkerOutcome = { kind: 'held-back', service: 'y', because: 'x' };

  it('is as good as its worst part', () => {
    expect(statusOfSet([done('a', fine), done('b', { ...fine, status: 'unchanged' })])).toBe('deployed');
    expect(statusOfSet([done('a', fine), done('b', back)])).toBe('rolled-back');
    expect(statusOfSet([done('a', fine), refused])).toBe('failed');
    expect(statusOfSet([refused])).toBe('failed');
    // All of it is as it was.
    expect(statusOfSet([done('a', back), refused, heldBack])).toBe('rolled-back');
  });

  it('fails with what its parts fail with', () => {
    expect(failureOfSet([done('a', fine)])).toBeUndefined();
    expect(failureOfSet([refused])?.code).toBe('API_AUTH');
    const several = failureOfSet([done('a', back), refused, heldBack, done('c', fine)]);
    expect(several?.code).toBe('DEPLOY_FAILED');
    expect(several?.message).toMatch(/2 of 4 workers were not deployed: a, x/);
  });

  it('fails with its cause, and not with what was taken back for it', () => {
    const taken = takenBackWith(fine, 'web', { live: idOf(1), because: undefined });
    const api: WorkerOutcome = { kind: 'done', service: 'api', result: taken, because: 'web' };
    const message = failureOfSet([api, done('web', { ...back, worker: 'web' })])?.message;
    expect(message).toMatch(/2 of 2 workers.*: api, web\. .*"web" failed: The smoke test failed/);
  });

  it('says of those that were not touched why', () => {
    expect(untouchedSummary(heldBack)).toMatch(/Left alone: y\n\nx failed/);
    expect(untouchedSummary(refused)).toMatch(/Not deployed: x\n\n\*\*No\. Yes\./);
  });

  it('is taken back as a whole, and says what could not be', () => {
    const taken = takenBackWith(fine, 'web', { live: idOf(1), because: undefined });
    expect(taken).toMatchObject({ status: 'rolled-back', liveVersionId: idOf(1) });
    expect(workerFailure(taken)?.message).toMatch(/"web" of the same set failed/);
    const stays = takenBackWith({ ...fine, previousVersionId: undefined }, 'web', {
      live: idOf(2),
      because: undefined,
    });
    expect(stays.status).toBe('failed');
    expect(workerFailure(stays)?.message).toMatch(/none to go back to/);
  });
});
