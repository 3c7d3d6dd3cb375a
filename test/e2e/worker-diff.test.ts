// `launch diff` of a worker: what serves is at Cloudflare, and its version bears the commit.
import { afterAll, expect, it } from '@jest/globals';
import { cloudflareForEachTest } from '../support/cloudflare-api/for-each-test.ts';
import { launch } from '../support/launch-command.ts';
import { removeRepositories } from '../support/repository.ts';
import { seedWorker, workerFiles, workerRepository } from '../support/worker-repository.ts';

const fake = cloudflareForEachTest();
afterAll(removeRepositories);

it('compares the commit of the version that has the traffic with the last one', async () => {
  const repository = workerRepository(workerFiles('hello'));
  const commit = repository.id();
  const annotations = {
    'workers/message': 'Launch, by octocat',
    'workers/tag': commit.slice(0, 12),
  };
  const version = await seedWorker(fake, 'hello', 'v1', undefined, { annotations });
  const env = {
    CLOUDFLARE_API_BASE_URL: fake.url,
    CLOUDFLARE_API_TOKEN: fake.token,
    CLOUDFLARE_ACCOUNT_ID: fake.accountId,
  };
  const diff = async (...args: string[]) =>
    await launch(['diff', 'hello', '--json', ...args], { cwd: repository.path, env });
  expect((await diff('--exit-code')).json()).toMatchObject({
    differs: false,
    from: { release: version, commit },
  });
  const next = repository.commit({ 'services/hello/more.txt': 'one\n' });
  const changed = await diff('--exit-code');
  expect(changed.exitCode).toBe(1);
  expect(changed.json()).toMatchObject({
    differs: true,
    from: { release: version, commit },
    to: { release: null, commit: next },
    files: [{ path: 'services/hello/more.txt', change: 'added', added: 1 }],
    compose: null,
  });
  // By hand: nobody knows what it was made of.
  await seedWorker(fake, 'hello', 'v2');
  expect((await diff()).json()).toMatchObject({ error: { code: 'BASE_UNAVAILABLE' } });
});
