// The action wrangler-deploy as it ships: several workers, and what must not leak or lead astray.
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { makeCanaries, traceFinder } from '../support/canaries.ts';
import { cloudflareForEachTest } from '../support/cloudflare-api/for-each-test.ts';
import { launch } from '../support/launch-command.ts';
import { closeServers, httpServer } from '../support/local-server.ts';
import { removeRepositories, temporaryFolder } from '../support/repository.ts';
import { runAction } from '../support/run-action.ts';
import { watchHost } from '../support/watch-host.ts';
import {
  seedWorker,
  toldBy,
  trafficOf,
  workerAt,
  workerFiles,
  workerRepository,
  wranglerDeploy,
} from '../support/worker-repository.ts';

const fake = cloudflareForEachTest();
afterEach(async () => {
  await closeServers();
});
afterAll(removeRepositories);

const health = ['health: [{ http: /, status: 200, timeout: 1s }]'];
/** `api` binds `limiter`, and `web` binds `api`; their names alone would have it the other way round. */
const three = (webStatus: number) => ({
  ...workerFiles('api', {
    text: 'api 2',
    service: health,
    config: { services: [{ binding: 'LIMITER', service: 'z-limiter' }] },
  }),
  ...workerFiles('z-limiter', { text: 'limiter 2', service: health }),
  ...workerFiles('a-web', {
    text: 'web 2',
    status: webStatus,
    service: health,
    config: { services: [{ binding: 'API', service: 'api' }] },
  }),
});
const all = 'a-web,api,z-limiter';

describe('workers of a repository', () => {
  it('are deployed in the order of their bindings, the first time, too', async () => {
    const repository = workerRepository(three(200));
    const run = await wranglerDeploy(fake, repository, { service: all });
    expect(run).toMatchObject({ exitCode: 0, outputs: { status: 'deployed', url: '' } });
    const uploads = fake.requests
      .filter(({ method }) => method === 'PUT')
      .map(({ path }) => path.split('/').at(-1));
    expect(uploads).toEqual(['z-limiter', 'api', 'a-web']);
    const ids = Object.fromEntries(
      all.split(',').map((name) => [name, workerAt(fake, name).versions.at(-1)?.id]),
    );
    expect(JSON.parse(run.outputs['version-id'] ?? '')).toEqual(ids);

    const plan = await launch(['plan', '--json'], { cwd: repository.path });
    expect(plan.json()).toMatchObject({
      services: {
        'z-limiter': { edge: { driver: 'worker', wave: 1 } },
        api: { edge: { wave: 2 } },
        'a-web': { edge: { wave: 3 } },
      },
    });
  });

  it('are all taken back when one fails, where they are all or nothing', async () => {
    for (const [name, text] of [
      ['z-limiter', 'limiter 1'],
      ['api', 'api 1'],
      ['a-web', 'web 1'],
    ] as const) {
      await seedWorker(fake, name, text);
    }
    const repository = workerRepository(three(500));
    const run = await wranglerDeploy(fake, repository, { service: all, atomic: 'true' });
    expect(run).toMatchObject({ exitCode: 1, outputs: { status: 'rolled-back' } });
    expect(trafficOf(fake, 'a-web')).toEqual({ 'web 1': 100 });
    expect(trafficOf(fake, 'api')).toEqual({ 'api 1': 100 });
    expect(trafficOf(fake, 'z-limiter')).toEqual({ 'limiter 1': 100 });
    expect(toldBy(run)).toMatch(/"a-web" of the same set failed/);
    // The last word is on what has to be mended.
    expect(run.annotations.at(-1)?.message).toMatch(
      /3 of 3 workers were not deployed.*"a-web" failed: The smoke/,
    );
    // They were live before they went back.
    expect(
      workerAt(fake, 'api').deployments.map(({ annotations }) => annotations['workers/message']),
    ).toEqual(expect.arrayContaining([expect.stringMatching(/^Launch, settled: taken back from /)]));
  });

  it('go on without what depends on a failure, where they are not', async () => {
    await seedWorker(fake, 'z-limiter', 'limiter 1');
    const repository = workerRepository({
      ...three(200),
      ...workerFiles('z-limiter', { text: 'limiter 2', status: 500, service: health }),
      ...workerFiles('other', { text: 'other' }),
    });
    const run = await wranglerDeploy(fake, repository, { service: `${all},other` });
    expect(run).toMatchObject({ exitCode: 1, outputs: { status: 'rolled-back' } });
    expect([...fake.workers.keys()].sort()).toEqual(['other', 'z-limiter']);
    expect(toldBy(run)).toMatch(/api was left alone, because z-limiter failed/);
    expect(toldBy(run)).toMatch(/a-web was left alone, because z-limiter failed/);
    expect(run.summary).toMatch(/Left alone: api[\s\S]*z-limiter failed/);
  });
});

describe('launch deploy of a worker', () => {
  it('goes to Cloudflare, says so, and does nothing the second time', async () => {
    const repository = workerRepository({
      ...workerFiles('hello', { service: [...health, 'secrets: [KEY]'] }),
      ...workerFiles('bad', { service: health, status: 500 }),
    });
    await seedWorker(fake, 'bad', 'good');
    const run = async (...args: string[]) =>
      await launch(['deploy', ...args], {
        cwd: repository.path,
        env: {
          CLOUDFLARE_API_BASE_URL: fake.url,
          RUNNER_ENVIRONMENT: 'github-hosted',
          // The token need not be a variable.
          LAUNCH_SECRETS: `KEY=k3y\nCLOUDFLARE_API_TOKEN=${fake.token}\nCLOUDFLARE_ACCOUNT_ID=${fake.accountId}`,
        },
      });
    const first = await run('hello');
    expect(first.exitCode).toBe(0);
    expect(first.stdout).toMatch(new RegExp(`hello .*deployed .*${fake.workerUrl('hello')}`));
    expect(workerAt(fake, 'hello').versions[0]?.bindings).toEqual([
      { type: 'secret_text', name: 'KEY', text: 'k3y' },
    ]);
    const both = await run('hello', 'bad', '--json');
    expect(both.exitCode).toBe(3);
    expect(both.json()).toMatchObject({
      services: [
        { service: 'bad', status: 'rolled-back', error: { code: 'DEPLOY_FAILED' } },
        { service: 'hello', status: 'unchanged' },
      ],
    });
    expect(trafficOf(fake, 'bad')).toEqual({ good: 100 });
    const history = await launch(['history', 'hello', '--json'], {
      cwd: repository.path,
      env: {
        CLOUDFLARE_API_BASE_URL: fake.url,
        CLOUDFLARE_API_TOKEN: fake.token,
        CLOUDFLARE_ACCOUNT_ID: fake.accountId,
      },
    });
    expect(history.json()).toMatchObject({
      versions: [{ commit: repository.id().slice(0, 12), percentage: 100 }],
    });
  });
});

describe('what must not leak or lead astray', () => {
  it('is no secret in any line, argument or file, and no .env that redirects the token', async () => {
    const thief = { requests: 0 };
    const { port } = await httpServer((_request, response) => {
      thief.requests += 1;
      response.writeHead(500).end();
    });
    const elsewhere = `CLOUDFLARE_API_BASE_URL=http://127.0.0.1:${port}/client/v4\nHTTPS_PROXY=http://127.0.0.1:${port}\nCLOUDFLARE_ENV=staging\n`;
    const repository = workerRepository({
      ...workerFiles('hello', {
        service: ['secrets: [PLAIN, QUOTES, DOLLAR, MULTI_LINE, UNICODE, PEM]'],
        config: { env: { staging: { name: 'hello-elsewhere' } } },
      }),
      'services/hello/.env': elsewhere,
      'services/hello/.dev.vars': elsewhere,
    });
    const { values, cores } = makeCanaries(['PLAIN', 'QUOTES', 'DOLLAR', 'MULTI_LINE', 'UNICODE', 'PEM']);
    const folder = temporaryFolder();
    const token = [fake.token];
    const {
      result: run,
      findings,
      programs,
    } = await watchHost(
      [...cores, ...token],
      [folder, repository.path],
      async () =>
        await wranglerDeploy(
          fake,
          repository,
          { service: 'hello', secrets: JSON.stringify(values) },
          { env: { TMPDIR: folder } },
        ),
    );
    expect(run).toMatchObject({ exitCode: 0, outputs: { status: 'deployed' } });
    expect(programs).toContain('node');
    expect(findings).toEqual([]);
    expect(traceFinder([...cores, ...token])(toldBy(run))).toEqual([]);
    expect(thief.requests).toBe(0);
    expect([...fake.workers.keys()]).toEqual(['hello']);
    // They have arrived whole all the same.
    const secrets = workerAt(fake, 'hello').versions[0]?.bindings.filter(
      ({ type }) => type === 'secret_text',
    );
    expect(Object.fromEntries((secrets ?? []).map(({ name, text }) => [name, text]))).toEqual(values);
  });

  it('refuses names and inputs that are none', async () => {
    const repository = workerRepository(workerFiles('hello'));
    for (const [inputs, message] of [
      [{ service: '../../etc' }, /no service "\.\.\/\.\.\/etc"|not a valid/],
      [{ service: 'hello', name: "x'); DROP TABLE workers; --" }, /can't be the name of a worker/],
      [{ service: 'hello', name: '::set-output name=x::y' }, /can't be the name of a worker/],
      [{ service: 'hello', 'smoke-url': 'file:///etc/passwd' }, /`smoke-url` is/],
      [{ service: 'hello', gradual: '50,10' }, /percentages that rise to 100/],
      [{ service: 'hello', gradual: '50,100' }, /something that is checked at each step/],
      [{}, /Neither `service` nor `working-directory`/],
      [{ service: 'hello', 'account-id': 'acc' }, /no Cloudflare account id/],
    ] as const) {
      const run = await wranglerDeploy(fake, repository, inputs);
      expect(run).toMatchObject({ exitCode: 1 });
      expect(run.annotations.at(-1)?.message).toMatch(message);
    }
    expect(fake.workers.size).toBe(0);
  });

  it('is no pull request, which may rehearse without a token', async () => {
    const repository = workerRepository(workerFiles('hello', { text: 'v1' }));
    const event = { eventName: 'pull_request', cwd: repository.path };
    const refused = await runAction('wrangler-deploy', {
      ...event,
      inputs: { service: 'hello', 'api-token': 'x' },
    });
    expect(refused.annotations.at(-1)).toMatchObject({ title: 'UNTRUSTED_EVENT' });
    const inputs = { service: 'hello', 'dry-run': 'true' };
    const rehearsed = await runAction('wrangler-deploy', { ...event, inputs });
    expect(rehearsed).toMatchObject({ exitCode: 0, outputs: { status: 'unchanged', 'version-id': '' } });
    expect(rehearsed.summary).toMatch(
      /Rehearsal: nothing has been changed[\s\S]*worker hello[\s\S]*no token/,
    );
    // What can't be bundled is told there.
    repository.commit({ 'services/hello/src/index.ts': 'export default {' });
    const broken = await runAction('wrangler-deploy', { ...event, inputs });
    expect(broken.annotations.at(-1)).toMatchObject({
      title: 'DEPLOY_FAILED',
      message: expect.stringMatching(/wrangler failed: .*index\.ts/),
    });
  });

  it('deploys an environment, a copy under another name, and says what differs from the commit', async () => {
    const repository = workerRepository(
      workerFiles('hello', {
        text: 'v1',
        config: { routes: ['example.com/*'], workers_dev: true, env: { edge: { vars: { STAGE: 'edge' } } } },
      }),
    );
    fake.handle(undefined);
    // By the name of its target.
    const copy = await wranglerDeploy(fake, repository, { service: 'hello', name: 'hello-acme' });
    expect(copy).toMatchObject({
      exitCode: 0,
      outputs: { status: 'deployed', url: fake.workerUrl('hello-acme') },
    });
    expect(workerAt(fake, 'hello-acme').versions[0]?.bindings).toEqual([
      { type: 'plain_text', name: 'STAGE', text: 'edge' },
    ]);
    repository.write({
      'services/hello/src/index.ts': '// by hand\nexport default { fetch: () => new Response("v1") };',
    });
    const dirty = await wranglerDeploy(fake, repository, { service: 'hello', name: 'hello-acme' });
    expect(dirty.outputs).toMatchObject({ status: 'deployed' });
    expect(toldBy(dirty)).toMatch(/differs from the commit .*services\/hello\/src\/index\.ts/);
  });
});
