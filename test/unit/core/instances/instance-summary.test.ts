import { describe, expect, it } from '@jest/globals';
import type { WorkerResult } from '../../../../src/core/cloudflare/worker-result.ts';
import { LaunchError } from '../../../../src/core/errors.ts';
import {
  type InstanceResult,
  isAsItShouldBe,
  worstFailure,
} from '../../../../src/core/instances/instance-result.ts';
import { instanceCounts, instanceSummary } from '../../../../src/core/instances/instance-summary.ts';

const result: InstanceResult = {
  operation: 'deploy',
  status: 'failed',
  instanceId: 'acme',
  organisation: 'acme-corp',
  urls: { images: 'https://images-acme.octo.workers.dev' },
  resources: [
    { kind: 'bucket', name: 'acme-images', state: 'made' },
    { kind: 'worker', name: 'images-acme', state: 'failed', note: 'HTTP 500 | <b>' },
    { kind: 'worker', name: 'x', state: 'made' },
  ],
  workers: [],
  notices: ['something'],
  durationMs: 1234,
  failure: new LaunchError('DEPLOY_FAILED', 'It failed.', { remedy: 'Mend it.' }),
};

describe('the summary of an instance', () => {
  it('says how it went, where its workers answer, and what became of each part', () => {
    const summary = instanceSummary(result);
    expect(summary).toMatch('❌ Failed: the next run goes on from here: instance acme');
    expect(summary).toMatch('It failed. Mend it.');
    expect(summary).toMatch('(https://images-acme.octo.workers.dev)');
    expect(summary).toMatch('failed: HTTP 500 &#124; &#60;b&#62;');
    expect(instanceCounts(result)).toBe('2 made, 1 failed');
  });

  it('knows when nothing was changed', () => {
    expect(isAsItShouldBe(result.resources)).toBe(false);
    expect(isAsItShouldBe([{ kind: 'row', name: 'a', state: 'unchanged' }])).toBe(true);
  });
});

it('fails with the worst that became of its workers', () => {
  const worker = (more: Partial<WorkerResult>): WorkerResult => ({
    operation: 'deploy',
    status: 'deployed',
    worker: 'a',
    versionId: 'v2',
    previousVersionId: 'v1',
    liveVersionId: 'v1',
    urls: [],
    commit: undefined,
    durationMs: 1,
    tested: 'no',
    failure: undefined,
    notTakenBack: undefined,
    notices: [],
    plan: undefined,
    ...more,
  });
  const failure = { reason: 'HTTP 500', lines: [] };
  expect(worstFailure([worker({})])).toBeUndefined();
  expect(worstFailure([worker({ status: 'rolled-back', failure })])?.code).toBe('DEPLOY_FAILED');
  const down = worker({
    worker: 'b',
    status: 'failed',
    liveVersionId: undefined,
    failure,
    notTakenBack: 'why',
  });
  expect(worstFailure([worker({ status: 'rolled-back', failure }), down])?.code).toBe('ROLLBACK_FAILED');
});
