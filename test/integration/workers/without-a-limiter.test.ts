import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { bearer, type RunningWorkers, startWorkers, testKey } from '../../support/workers/start-workers.ts';

let workers: RunningWorkers;
beforeAll(async () => {
  workers = await startWorkers({
    entries: { 'rate-limiter': 'failing-limiter.mjs' },
    vars: { 'image-gen': { DEFAULT_IMAGE_PROVIDER: 'ideogram' } },
    secrets: { 'config-service': { ADMIN_API_KEY: '', TEST_API_KEY: testKey } },
  });
});
afterAll(() => workers.stop());

it('makes no image without a limiter, and says so', async () => {
  const refused = await workers.fetch('image-gen/v1/images', {
    method: 'POST',
    headers: bearer(testKey),
    body: '{"requestId":"a","prompt":"a cat"}',
  });
  expect([refused.status, refused.headers.get('retry-after'), await refused.json()]).toMatchObject([
    503,
    '5',
    { error: { code: 'limiter_unavailable' } },
  ]);
  expect(await workers.imageNames()).toEqual([]);
});

it('is not healthy without a limiter, nor without the key of its provider', async () => {
  const answer = await workers.fetch('image-gen/health');
  expect([answer.status, await answer.json()]).toEqual([
    503,
    {
      status: 'failed',
      checks: { bucket: 'ok', 'rate-limiter': 'failed', 'config-service': 'ok', provider: 'failed' },
    },
  ]);
});

it('lets nobody administer where no key of an operator is set', async () => {
  for (const key of ['', ' ', 'undefined', testKey]) {
    const answer = await workers.fetch('config-service/v1/organisations', { headers: bearer(key) });
    expect([401, 403]).toContain(answer.status);
  }
});
