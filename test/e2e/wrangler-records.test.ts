// What wrangler-deploy records on GitHub.
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type FakeCloudflare, startFakeCloudflare } from '../support/cloudflare-api/server.ts';
import { type FakeGitHub, startFakeGitHub } from '../support/github-api.ts';
import { serveDeployments } from '../support/github-deployments.ts';
import { removeRepositories } from '../support/repository.ts';
import { seedWorker, workerFiles, workerRepository, wranglerDeploy } from '../support/worker-repository.ts';

let fake: FakeCloudflare;
let github: FakeGitHub;
beforeEach(async () => {
  [fake, github] = await Promise.all([startFakeCloudflare(), startFakeGitHub('a-token-of-the-job')]);
});
afterEach(async () => {
  await Promise.all([fake.close(), github.close()]);
  expect([fake.refused, github.refused]).toEqual([[], []]);
});
afterAll(removeRepositories);

describe('the records of a worker on GitHub', () => {
  it('say which version serves, once, and what a rollback brought back', async () => {
    const records = serveDeployments(github);
    const repository = workerRepository(workerFiles('hello', { text: 'v2' }));
    const commit = repository.id();
    const annotations = { 'workers/message': 'Launch, by octocat', 'workers/tag': commit.slice(0, 12) };
    const v1 = await seedWorker(fake, 'hello', 'v1', undefined, { annotations });
    const run = async (inputs: Record<string, string>) =>
      await wranglerDeploy(
        fake,
        repository,
        { service: 'hello', token: 'a-token-of-the-job', ...inputs },
        { env: { GITHUB_API_URL: github.url } },
      );

    const first = await run({});
    expect(first).toMatchObject({ exitCode: 0, outputs: { status: 'deployed' } });
    expect(records.all).toEqual([
      expect.objectContaining({
        ref: commit,
        task: 'deploy',
        environment: 'edge/hello',
        statuses: [
          expect.objectContaining({ state: 'in_progress' }),
          expect.objectContaining({
            state: 'success',
            description: `${first.outputs['version-id']} serves.`,
            environment_url: fake.workerUrl('hello'),
          }),
        ],
      }),
    ]);
    expect((await run({})).outputs).toMatchObject({ status: 'unchanged' });
    expect(records.all).toHaveLength(1);

    await run({ operation: 'rollback' });
    expect(records.states()).toEqual([
      'edge/hello: in_progress, success, inactive',
      'edge/hello: in_progress, success',
    ]);
    expect(records.all[1]).toMatchObject({ task: 'rollback', ref: commit });
    expect(records.all[1]?.statuses.at(-1)?.description).toBe(`${v1} serves again.`);

    // What could not even be begun changes nothing of what is live.
    fake.fail('POST /accounts/*/workers/scripts/*/versions', 9, {
      status: 400,
      body: { success: false, errors: [{ code: 10_021, message: 'bad script' }], messages: [], result: null },
    });
    expect((await run({})).exitCode).toBe(1);
    expect(records.all[2]?.statuses.at(-1)).toMatchObject({
      state: 'failure',
      description: expect.stringMatching(
        /^Nothing was changed: DEPLOY_FAILED: wrangler failed: .*bad script/,
      ),
    });

    await run({ operation: 'delete', confirm: 'hello' });
    expect(records.states()).toEqual([
      'edge/hello: in_progress, success, inactive',
      'edge/hello: in_progress, success, inactive',
      'edge/hello: in_progress, failure',
    ]);
  });
});
