// The action wrangler-deploy as it ships, ended in the middle: what has the traffic then, and what the next run makes
// of it.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from '@jest/globals';
import { cloudflareForEachTest } from '../support/cloudflare-api/for-each-test.ts';
import { removeRepositories } from '../support/repository.ts';
import {
  seedWorker,
  setTraffic,
  startWranglerDeploy,
  toldBy,
  trafficOf,
  workerAt,
  workerFiles,
  workerRepository,
  wranglerDeploy,
} from '../support/worker-repository.ts';

const fake = cloudflareForEachTest();
afterAll(removeRepositories);

const inputs = { service: 'hello', 'smoke-url': '/', gradual: '10,100' };

/** The worker does not answer any more as soon as its new version has this share. */
function hangAt(share: number): void {
  fake.handle(() => (trafficOf(fake, 'hello')['v2'] === share ? { hang: true } : undefined));
}

async function until(holds: () => boolean): Promise<void> {
  for (let waited = 0; !holds(); waited += 1) {
    if (waited > 1000) throw new Error('it did not come about');
    await sleep(20);
  }
}

const isAsked = () => fake.served.length > 0;

describe('a deployment that is cancelled', () => {
  it('in the middle leaves the old version with all of the traffic, and says so', async () => {
    const v1 = await seedWorker(fake, 'hello', 'v1');
    const repository = workerRepository(workerFiles('hello', { text: 'v2' }));
    hangAt(10);
    const run = startWranglerDeploy(fake, repository, inputs);
    await until(() => trafficOf(fake, 'hello')['v2'] === 10);
    run.kill('SIGINT');
    const ended = await run.result;
    expect(ended).toMatchObject({
      exitCode: 1,
      outputs: { status: 'rolled-back', 'previous-version-id': v1 },
    });
    expect(ended.annotations.at(-1)).toMatchObject({
      title: 'CANCELLED',
      message: expect.stringMatching(new RegExp(`cancelled.*\\(${v1}\\) has all of the traffic`)),
    });
    expect(trafficOf(fake, 'hello')).toEqual({ v1: 100 });
  });

  it('before anything has changed says that', async () => {
    const v1 = await seedWorker(fake, 'hello', 'v1');
    const repository = workerRepository(workerFiles('hello', { text: 'v2' }));
    fake.fail('POST /accounts/*/workers/scripts/*/versions', 9, { hang: true });
    const run = startWranglerDeploy(fake, repository, inputs);
    await until(() =>
      fake.requests.some(({ method, path }) => method === 'POST' && path.endsWith('/versions')),
    );
    run.kill('SIGTERM');
    const ended = await run.result;
    expect(ended).toMatchObject({ exitCode: 1, outputs: { status: 'failed' } });
    expect(ended.annotations.at(-1)).toMatchObject({
      title: 'CANCELLED',
      message: expect.stringMatching(
        `Nothing has been changed. The version ${v1} still has all of the traffic`,
      ),
    });
    expect(trafficOf(fake, 'hello')).toEqual({ v1: 100 });
  });
});

describe('a deployment that is killed', () => {
  it.each([0, 10])(
    'with %i %% of the traffic on the new version is mended by the next one',
    async (share) => {
      const v1 = await seedWorker(fake, 'hello', 'v1');
      const repository = workerRepository(workerFiles('hello', { text: 'v2' }));
      hangAt(share);
      const run = startWranglerDeploy(fake, repository, inputs);
      await until(() => trafficOf(fake, 'hello')['v2'] === share && isAsked());
      run.kill('SIGKILL');
      await run.result;
      expect(trafficOf(fake, 'hello')).toEqual({ v1: 100 - share, v2: share });

      fake.handle(undefined);
      const next = await wranglerDeploy(fake, repository, inputs);
      expect(next).toMatchObject({ exitCode: 0, outputs: { status: 'deployed', 'previous-version-id': v1 } });
      expect(toldBy(next)).toMatch(/run before this one was cut off/);
      expect(trafficOf(fake, 'hello')).toEqual({ v2: 100 });
      expect(workerAt(fake, 'hello').deployments[0]?.annotations['workers/message']).toBe('Launch, settled');
    },
  );

  it('with the new version live and not tested to the end is not taken for done', async () => {
    await seedWorker(fake, 'hello', 'v1');
    const repository = workerRepository(workerFiles('hello', { text: 'v2' }));
    hangAt(100);
    const run = startWranglerDeploy(fake, repository, inputs);
    await until(() => trafficOf(fake, 'hello')['v2'] === 100);
    run.kill('SIGKILL');
    await run.result;
    // Nor when it has got the traffic back from one that failed.
    fake.handle(() => ({ status: 500 }));
    const failing = await wranglerDeploy(fake, repository, { ...inputs, timeout: '4s' });
    expect(failing.outputs).toMatchObject({ status: 'rolled-back' });
    fake.handle(undefined);
    const next = await wranglerDeploy(fake, repository, inputs);
    expect(next.outputs).toMatchObject({ status: 'deployed' });
    expect(toldBy(next)).toMatch(/a run before this one did not come to its end with it/);
    const again = await wranglerDeploy(fake, repository, inputs);
    expect(again.outputs).toMatchObject({ status: 'unchanged', 'version-id': next.outputs['version-id'] });
  });
});

describe('a deployment that is not alone', () => {
  it('leaves what somebody else deploys meanwhile', async () => {
    const v1 = await seedWorker(fake, 'hello', 'v1');
    const repository = workerRepository(workerFiles('hello', { text: 'v2' }));
    let isOvertaken = false;
    fake.handle(() => {
      if (!isOvertaken) void setTraffic(fake, 'hello', { [v1]: 100 }, 'by hand');
      isOvertaken = true;
      return { status: 200 };
    });
    const run = await wranglerDeploy(fake, repository, inputs);
    expect(run).toMatchObject({ exitCode: 1, outputs: { status: 'failed' } });
    expect(run.annotations.at(-1)?.message).toMatch(
      /has given the traffic to 100 % .* while "hello" was being/,
    );
    expect(workerAt(fake, 'hello').deployments[0]?.annotations['workers/message']).toBe('by hand');
  });
});
