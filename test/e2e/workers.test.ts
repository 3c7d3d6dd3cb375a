// Workers by the workflows, under act: from a pull request to live, and back.
import { afterAll, afterEach, beforeAll, expect, it, jest } from '@jest/globals';
import { type ActResult, failureOf } from '../support/act.ts';
import { type FakeCloudflare, startFakeCloudflare } from '../support/cloudflare-api/server.ts';
import { answerOf } from '../support/placed-workers.ts';
import { removeRepositories } from '../support/repository.ts';
import { type Shop, starter } from '../support/shop.ts';
import { requireTools } from '../support/tools.ts';
import { jobsOf, openWorkerShop, says, stepOf, testKey, towards } from '../support/worker-shop.ts';

jest.setTimeout(180_000);

// What a step prints last is not always in act's log, so that results are looked at, and not messages: the actions' own
// tests have those.
const suite = requireTools('act', 'flock', 'node24');

suite('workers', () => {
  let fake: FakeCloudflare;
  let shop: Shop;
  const logs: string[] = [];

  beforeAll(async () => {
    fake = await startFakeCloudflare();
    shop = openWorkerShop(starter('launch-rollback.yml'));
    shop.land({});
  });
  afterEach(() => {
    expect(fake.refused).toEqual([]);
  });
  afterAll(async () => {
    await fake.close();
    removeRepositories();
  });

  const kept = async (run: Promise<ActResult>) => {
    const result = await run;
    logs.push(result.log);
    return result;
  };
  const live = async () => [
    await answerOf(fake, 'limiter-staging').catch(String),
    await answerOf(fake, 'api-staging').catch(String),
  ];

  it('are validated, planned and tested in a pull request, which sees no secret', async () => {
    const run = await kept(shop.pullRequest(says('api', 'api 1, a mistake'), towards(fake)));
    expect(jobsOf(run)).toEqual(['launch -: failure', 'test-workers -: failure', 'validate -: success']);
    const good = await kept(shop.pullRequest(says('api', 'api 1.'), towards(fake)));
    expect(jobsOf(good)).toEqual(['launch -: success', 'test-workers -: success', 'validate -: success']);
    expect(fake.requests).toEqual([]);
  });

  it('are all deployed when that is merged, in the order of their bindings, and tested live', async () => {
    const run = await kept(
      shop.push({ ...says('limiter', 'limiter 2'), ...says('api', 'api 2') }, towards(fake)),
    );
    expect(failureOf(run)).toBe('');
    expect(jobsOf(run)).toEqual([
      'test-workers -: success',
      'verify-workers edge: success',
      'wave-1 limiter: success',
      'wave-2 api: success',
    ]);
    expect(run.exitCode).toBe(0);
    // Smoke tests ask for /health, the live tests for the worker itself.
    expect([...new Set(fake.served.map(({ worker, path }) => `${worker} ${path}`))]).toEqual([
      'limiter-staging /health',
      'api-staging /health',
      'limiter-staging /',
      'api-staging /',
    ]);
    expect(await live()).toEqual(['limiter 2', 'api 2']);
  });

  it('are not deployed when their tests fail, and other services are', async () => {
    const run = await kept(
      shop.push({ ...says('api', 'api 3, a mistake'), 'services/site/README.md': 'New.\n' }, towards(fake)),
    );
    expect(jobsOf(run)).toEqual(['test-workers -: failure', 'wave-1 api: failure', 'wave-1 site: success']);
    expect(stepOf(run, 'Assert that the tests of the workers passed')).toBe('failure');
    expect(await live()).toEqual(['limiter 2', 'api 2']);
  });

  it('are all taken back when the tests of the live ones fail', async () => {
    const run = await kept(
      shop.push({ ...says('limiter', 'limiter 4'), ...says('api', 'api 4, broken') }, towards(fake)),
    );
    expect(jobsOf(run)).toEqual([
      'test-workers -: success',
      'verify-workers edge: failure',
      'wave-1 limiter: success',
      'wave-2 api: success',
    ]);
    expect(stepOf(run, 'Verify')).toBe('failure');
    expect(run.exitCode).not.toBe(0);
    // They were live.
    const texts = fake.workers
      .get('api-staging')
      ?.versions.map(({ modules }) => [...modules.values()].join());
    expect(texts).toEqual([expect.stringContaining('api 2'), expect.stringContaining('api 4, broken')]);
    expect(await live()).toEqual(['limiter 2', 'api 2']);
  });

  it('are taken back by hand, to the version before or to one that is named', async () => {
    const rollBack = async (release: string) =>
      await kept(
        shop.dispatch('launch-rollback.yml', { service: 'api', target: '', release }, towards(fake)),
      );
    const [, broken] = fake.workers.get('api-staging')?.versions ?? [];
    const there = await rollBack(broken?.id.slice(0, 8) ?? '');
    expect(jobsOf(there)).toEqual(['rollback api: success']);
    expect(await live()).toEqual(['limiter 2', 'api 4, broken']);
    await rollBack('');
    expect(await live()).toEqual(['limiter 2', 'api 2']);
  });

  it('show neither the token nor a secret in any log', () => {
    expect(logs).toHaveLength(7);
    for (const log of logs) expect(log).not.toMatch(new RegExp(`${fake.token}|${testKey}`));
  });
});
