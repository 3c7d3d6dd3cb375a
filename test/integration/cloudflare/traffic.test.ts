// How the traffic of a worker is set and taken back when Cloudflare, the network or somebody else is in the way. No
// wrangler takes part.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { WorkerDeployment } from '../../../src/core/cloudflare/live-state.ts';
import { silentReporter } from '../../../src/operations/reporter.ts';
import { readDeployments } from '../../../src/operations/worker/read-past.ts';
import { setTraffic as set } from '../../../src/operations/worker/set-traffic.ts';
import { takeBack } from '../../../src/operations/worker/take-back.ts';
import { beginWork, type WorkerWork } from '../../../src/operations/worker/worker-work.ts';
import { type FakeCloudflare, startFakeCloudflare } from '../../support/cloudflare-api/server.ts';
import { seedWorker, setTraffic, trafficOf, workerAt } from '../../support/worker-repository.ts';

let fake: FakeCloudflare;
let work: WorkerWork;
let v1: string;
let v2: string;
beforeEach(async () => {
  fake = await startFakeCloudflare();
  const account = { apiToken: fake.token, accountId: fake.accountId, apiUrl: fake.url };
  work = beginWork({ account, timeoutMs: 20_000, hostEnv: {} }, [], silentReporter);
  v1 = await seedWorker(fake, 'hello', 'v1');
  v2 = await seedWorker(fake, 'hello', 'v2', v1);
});
afterEach(async () => {
  await fake.close();
  expect(fake.refused).toEqual([]);
});

const post = 'POST /accounts/*/workers/scripts/*/deployments';

async function now(): Promise<WorkerDeployment> {
  const [deployment] = (await readDeployments(work.client, 'hello')) ?? [];
  if (deployment === undefined) throw new Error('there is none');
  return deployment;
}

const posts = () =>
  fake.requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/deployments')).length;

const half = () => [
  { versionId: v2, percentage: 50 },
  { versionId: v1, percentage: 50 },
];
const wanted = async () => ({ worker: 'hello', shares: half(), message: 'm', after: await now() });

describe('setting the traffic', () => {
  it.each([
    ['was carried out', { status: 503, afterwards: true as const }, 1],
    ['was not', { status: 502 }, 2],
    ['was cut off after it was carried out', { cut: true as const, afterwards: true as const }, 1],
  ])('goes by what is live when the answer to it is lost: it %s', async (_what, fault, times) => {
    const before = workerAt(fake, 'hello').deployments.length;
    const posted = posts();
    fake.fail(post, 1, fault);
    await set(work.client, await wanted());
    expect(trafficOf(fake, 'hello')).toEqual({ v1: 50, v2: 50 });
    expect(workerAt(fake, 'hello').deployments).toHaveLength(before + 1);
    expect(posts() - posted).toBe(times);
  });

  it('gives up in the end, and at once where Cloudflare refuses', async () => {
    fake.fail(post, 4, { status: 503 });
    await expect(set(work.client, await wanted())).rejects.toMatchObject({ code: 'API_ERROR' });
    expect(trafficOf(fake, 'hello')).toEqual({ v2: 100 });
    const none = [{ versionId: '00000000-0000-4000-8000-000000000000', percentage: 100 }];
    await expect(set(work.client, { ...(await wanted()), shares: none })).rejects.toThrow(
      /could not be found/,
    );
  }, 20_000);

  it('leaves what somebody else has set meanwhile', async () => {
    const after = await now();
    await setTraffic(fake, 'hello', { [v1]: 100 }, 'by hand');
    await expect(set(work.client, { ...(await wanted()), after })).rejects.toThrow(
      /has given the traffic to 100 %/,
    );
    expect(trafficOf(fake, 'hello')).toEqual({ v1: 100 });
  });
});

describe('taking the traffic back', () => {
  const back = { worker: 'hello', touched: true };

  it('tries again, and comes to the same as somebody who has done it already', async () => {
    await setTraffic(fake, 'hello', { [v2]: 10, [v1]: 90 }, 'Launch, step 10 %');
    fake.fail(post, 6, { status: 503 });
    expect(await takeBack(work, { ...back, old: v1, failed: v2 })).toEqual({ live: v1, because: undefined });
    expect(trafficOf(fake, 'hello')).toEqual({ v1: 100 });
    const count = workerAt(fake, 'hello').deployments.length;
    expect(await takeBack(work, { ...back, old: v1, failed: v2, touched: false })).toEqual({
      live: v1,
      because: undefined,
    });
    expect(workerAt(fake, 'hello').deployments).toHaveLength(count);
  }, 30_000);

  it('sets it again when a step of before comes to pass late', async () => {
    await setTraffic(fake, 'hello', { [v2]: 10, [v1]: 90 }, 'step');
    let isLate = false;
    fake.strike((method, path) => {
      // Once the traffic is back, and before anybody looks.
      if (
        method === 'GET' &&
        path.endsWith('/deployments') &&
        trafficOf(fake, 'hello')['v1'] === 100 &&
        !isLate
      ) {
        isLate = true;
        const shares = [
          { version_id: v2, percentage: 50 },
          { version_id: v1, percentage: 50 },
        ];
        const createdOn = new Date(Date.now() + 50).toISOString();
        workerAt(fake, 'hello').deployments.unshift({
          id: 'late',
          createdOn,
          annotations: {},
          versions: shares,
        });
      }
      return undefined;
    });
    expect(await takeBack(work, { ...back, old: v1, failed: v2 })).toEqual({ live: v1, because: undefined });
    expect(isLate).toBe(true);
    expect(trafficOf(fake, 'hello')).toEqual({ v1: 100 });
  });

  it('says what it could not do, and what serves', async () => {
    const v3 = await seedWorker(fake, 'other', 'x');
    fake.fail(post, 99, { status: 503 });
    expect(await takeBack(work, { ...back, old: v1, failed: v2 })).toMatchObject({
      live: v2,
      because: expect.stringMatching(/503/),
    });
    expect(await takeBack(work, { ...back, worker: 'other', old: undefined, failed: v3 })).toEqual({
      live: v3,
      because: undefined,
    });
  }, 60_000);

  it('leaves what is somebody else’s', async () => {
    const v3 = await seedWorker(fake, 'hello', 'v3', v2);
    expect(await takeBack(work, { ...back, old: v1, failed: v2 })).toEqual({
      live: v3,
      because: 'somebody else has deployed meanwhile',
    });
  });
});
