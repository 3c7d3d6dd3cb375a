import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { newOrganisation, type RunningWorkers, startWorkers } from '../../support/workers/start-workers.ts';

let workers: RunningWorkers;
beforeAll(async () => {
  workers = await startWorkers({
    vars: { 'config-service': { RATE_LIMITS: '{"rpm":3}', INSTANCE_ID: 'acme', ORG_ID: 'acme-corp' } },
  });
});
afterAll(() => workers.stop());

it('the limits of an instance come before the defaults, and after those of the organisation', async () => {
  const plain = await newOrganisation(workers, 'plain');
  expect(await workers.call('CONFIGURATIONS', 'authenticate', plain)).toMatchObject({
    rateLimits: { requestsPerMinute: 3, tokensPerMinute: expect.any(Number) },
  });
  const own = await newOrganisation(workers, 'own', {
    rateLimits: { requestsPerMinute: 9, tokensPerMinute: 8 },
  });
  expect(await workers.call('CONFIGURATIONS', 'authenticate', own)).toMatchObject({
    rateLimits: { requestsPerMinute: 9, tokensPerMinute: 8 },
  });
});
