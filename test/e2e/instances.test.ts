// Instances as they ship: the action out of dist/, the scripts, and the real wrangler, at a stand-in for Cloudflare's
// API.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { makeCanaries, traceFinder } from '../support/canaries.ts';
import { type FakeCloudflare, startFakeCloudflare } from '../support/cloudflare-api/server.ts';
import {
  instanceRepository,
  instanceText,
  oneWorker,
  stateOf,
  threeWorkers,
  workerText,
} from '../support/instance-project.ts';
import { launch } from '../support/launch-command.ts';
import { assertOutput } from '../support/output-schemas.ts';
import {
  hermeticGitEnv,
  type Repository,
  removeRepositories,
  temporaryFolder,
} from '../support/repository.ts';
import { type ActionResult, runAction, startAction } from '../support/run-action.ts';
import { shownLog } from '../support/runner-masking.ts';
import { node24 } from '../support/tools.ts';
import { watchHost } from '../support/watch-host.ts';

const ROOT = resolve(import.meta.dirname, '../..');
let fake: FakeCloudflare;
beforeEach(async () => {
  // Its own, so that it is found where it is and nowhere else.
  fake = await startFakeCloudflare({ token: randomBytes(30).toString('hex') });
});
afterEach(async () => {
  expect(fake.refused).toEqual([]);
  await fake.close();
});
afterAll(removeRepositories);

const acme = (settings: Readonly<Record<string, unknown>> = {}) =>
  instanceText({ api_keys: { IDEOGRAM_API_KEY: 'ACME_KEY' }, r2_bucket: 'acme-images', ...settings });
const runOf = ({ path }: Repository, inputs: Readonly<Record<string, string>> = {}) => ({
  cwd: path,
  env: { CLOUDFLARE_API_BASE_URL: fake.url },
  eventName: 'workflow_dispatch',
  inputs: {
    config: 'instances/acme.json',
    'api-token': fake.token,
    'account-id': fake.accountId,
    secrets: 'ACME_KEY=sk-acme-1',
    ...inputs,
  },
});
const deploy = async (repository: Repository, inputs: Readonly<Record<string, string>> = {}) =>
  await runAction('deploy-instance', runOf(repository, inputs));
const told = ({ outputs, exitCode }: ActionResult) => [exitCode, outputs['status']];

describe('deploy-instance', () => {
  it('makes an instance, leaves it alone, follows its file, and removes it', async () => {
    const repository = instanceRepository({ ...threeWorkers, 'instances/acme.json': acme() }, 'real');
    const first = await deploy(repository);
    expect([first.stdout, ...told(first)]).toEqual([first.stdout, 0, 'deployed']);
    const urls = { config: 'config-acme', images: 'images-acme', limiter: 'limiter-acme' };
    expect(JSON.parse(first.outputs['urls'] ?? '')).toEqual(
      Object.fromEntries(Object.entries(urls).map(([service, worker]) => [service, fake.workerUrl(worker)])),
    );
    expect(first.outputs['instance-id']).toBe('acme');
    expect(JSON.parse(first.outputs['resources'] ?? '')).toContainEqual({
      kind: 'bucket',
      name: 'acme-images',
      state: 'made',
    });
    expect(first.summary).toMatch('✅ Deployed: instance acme');
    expect(await (await fetch(fake.workerUrl('images-acme'))).text()).toBe('images');

    const before = stateOf(fake);
    const second = await deploy(repository);
    expect(told(second)).toEqual([0, 'unchanged']);
    expect(stateOf(fake)).toEqual(before);

    repository.write({ 'instances/acme.json': acme({ rate_limits: { rpm: 7 }, workers: ['config'] }) });
    const changed = await deploy(repository, { secrets: '' });
    expect(told(changed)).toEqual([1, 'failed']);
    expect(changed.annotations[0]?.message).toMatch(/No worker declares IDEOGRAM_API_KEY/);
    repository.write({ 'instances/acme.json': acme({ rate_limits: { rpm: 7 } }) });
    expect(told(await deploy(repository))).toEqual([0, 'deployed']);
    expect(JSON.stringify(stateOf(fake))).toMatch(/rate_limits\\":\{\\"rpm\\":7\}/);
    expect(told(await deploy(repository, { operation: 'status' }))).toEqual([0, 'ready']);

    const listed = await deploy(repository, { operation: 'destroy', purge: 'true' });
    expect(told(listed)).toEqual([1, 'planned']);
    expect(listed.annotations[0]?.message).toMatch(
      /worker limiter-acme.*Type the id again as `confirm`: acme/,
    );
    const gone = await deploy(repository, { operation: 'destroy', purge: 'true', confirm: 'acme' });
    expect(told(gone)).toEqual([0, 'destroyed']);
    expect([fake.workers.size, fake.r2.buckets.size, fake.kv.namespaces.size]).toEqual([0, 0, 0]);
    expect(told(await deploy(repository, { operation: 'status' }))).toEqual([1, 'absent']);
  });

  it('finishes what a killed run has left', async () => {
    const repository = instanceRepository({ ...oneWorker, 'instances/acme.json': instanceText() });
    const inputs = { secrets: '' };
    const routes = [
      'POST /accounts/*/storage/kv/namespaces',
      'POST /accounts/*/r2/buckets',
      'PUT /accounts/*/workers/scripts/*',
    ];
    for (const route of routes) fake.fail(route, 1, { hang: true, afterwards: true });
    for (let cut = 1; cut <= routes.length; cut += 1) {
      const started = startAction('deploy-instance', runOf(repository, inputs));
      const [method, path = ''] = (routes[cut - 1] ?? '').split(' ');
      const arrived = () =>
        fake.requests.some(
          (it) =>
            it.method === method &&
            it.path.includes(path.split('*').at(-2) ?? '') &&
            it.path.includes(path.split('/').at(-1)?.replace('*', '') ?? ''),
        );
      while (!arrived()) await new Promise((done) => setTimeout(done, 20));
      started.kill('SIGKILL');
      expect((await started.result).signal).toBe('SIGKILL');
    }
    expect(told(await deploy(repository, inputs))).toEqual([0, 'deployed']);
    expect([
      fake.workers.size,
      fake.r2.buckets.size,
      fake.kv.namespaces.size,
      fake.d1.databases.size,
    ]).toEqual([1, 1, 1, 1]);
    expect(told(await deploy(repository, inputs))).toEqual([0, 'unchanged']);
    expect(
      told(await deploy(repository, { ...inputs, operation: 'destroy', purge: 'true', confirm: 'acme' })),
    ).toEqual([0, 'destroyed']);
    expect([fake.workers.size, fake.r2.buckets.size, fake.kv.namespaces.size]).toEqual([0, 0, 0]);
  });

  it('shows neither the token nor a secret, in no argument, file, log or row', async () => {
    const canaries = makeCanaries(['PLAIN', 'MULTI_LINE', 'QUOTES', 'DOLLAR', 'JSON', 'COLONS']);
    const names = Object.keys(canaries.values);
    const repository = instanceRepository(
      {
        ...oneWorker,
        'services/images/service.yml': `secrets: [${names.join(', ')}]\n`,
        'instances/acme.json': instanceText({ api_keys: names }),
      },
      'real',
    );
    const scratch = temporaryFolder('launch-instance-');
    const cores = [...canaries.cores, fake.token];
    const inputs = { secrets: JSON.stringify(canaries.values) };
    const run = runOf(repository, inputs);
    const watched = await watchHost(cores, [repository.path, scratch], async () => [
      await runAction('deploy-instance', { ...run, env: { ...run.env, TMPDIR: scratch } }),
      await runAction('deploy-instance', run),
    ]);
    expect(watched.result.map(told)).toEqual([
      [0, 'deployed'],
      [0, 'unchanged'],
    ]);
    expect(watched.findings).toEqual([]);
    expect(watched.processes).toBeGreaterThan(3);
    const find = traceFinder(cores);
    for (const { stdout, stderr, summary, outputs } of watched.result) {
      expect(find(shownLog(`${stdout}\n${stderr}`))).toEqual([]);
      expect(find(`${summary}${JSON.stringify(outputs)}`)).toEqual([]);
    }
    const { databases } = stateOf(fake);
    expect(find(JSON.stringify(databases))).toEqual([]);
    const worker = fake.workers.get('images-acme')?.versions.at(-1);
    const kept = worker?.bindings
      .filter(({ type }) => type === 'secret_text')
      .map(({ name, text }) => [name, text]);
    expect(Object.fromEntries(kept ?? [])).toEqual(canaries.values);
  });

  it('says in its outputs that it failed, also where it could not begin', async () => {
    const repository = instanceRepository({ ...oneWorker, 'instances/acme.json': '{}' });
    const refused = await runAction('deploy-instance', runOf(repository, { secrets: '' }));
    expect(refused).toMatchObject({
      exitCode: 1,
      outputs: { status: 'failed', 'instance-id': '', urls: '{}', resources: '[]' },
    });
  });

  it('does not deploy for a pull request', async () => {
    const repository = instanceRepository({ ...oneWorker, 'instances/acme.json': instanceText() });
    const run = { ...runOf(repository, { secrets: '' }), eventName: 'pull_request' };
    const refused = await runAction('deploy-instance', run);
    expect(refused.exitCode).toBe(1);
    expect(refused.annotations[0]?.title).toBe('UNTRUSTED_EVENT');
    expect(fake.requests).toEqual([]);
  });
});

describe('at a terminal', () => {
  const env = () => ({ ...fake.env, CI: undefined });
  const script = async (repository: Repository, name: string, ...args: string[]) => {
    const child = spawn(node24(), [resolve(ROOT, `scripts/${name}.ts`), ...args], {
      cwd: repository.path,
      env: { ...hermeticGitEnv(), HOME: repository.path, PATH: process.env['PATH'], ...fake.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (printed += text));
    const exitCode = await new Promise((done) => child.once('close', done));
    return { exitCode, printed };
  };

  it('launch instance lists, deploys, shows and destroys', async () => {
    const repository = instanceRepository({ ...oneWorker, 'instances/acme.json': instanceText() });
    const options = { cwd: repository.path, env: env() };
    const deployed = await launch(['instance', 'deploy', 'acme', '--json'], options);
    expect([deployed.exitCode, deployed.json()]).toEqual([
      0,
      expect.objectContaining({ status: 'deployed' }),
    ]);
    const listed = await launch(['instance', 'list'], options);
    expect(listed.stdout).toMatch(/acme +acme-corp +production +yes +yes +1/);
    expect((await launch(['instance', 'status', 'instances/acme.json'], options)).stdout).toMatch(
      'acme: ready',
    );
    for (const args of [['list'], ['status', 'acme'], ['destroy', 'acme'], ['deploy', '--all']]) {
      await launch(['instance', ...args, '--json'], options);
    }
    const unconfirmed = await launch(['instance', 'destroy', 'acme'], options);
    expect([unconfirmed.exitCode, unconfirmed.stdout]).toEqual([
      1,
      expect.stringMatching(/images-acme +to delete/),
    ]);
    expect((await launch(['instance', 'destroy', 'acme', '--confirm', 'acme'], options)).exitCode).toBe(0);
    expect((await launch(['instance', 'destroy'], options)).exitCode).toBe(2);
    expect((await launch(['instance', 'delete', 'acme'], options)).stderr).toMatch(
      'is not one of deploy, destroy',
    );
    const wrong = await launch(['instance', 'deploy', "x'); DROP TABLE instances; --"], options);
    expect([wrong.exitCode, wrong.stderr]).toEqual([1, expect.stringMatching(/is not an instance id/)]);
    const without = await launch(['instance', 'deploy', 'acme'], { cwd: repository.path });
    expect(without.stderr).toMatch(/SECRET_MISSING.*CLOUDFLARE_API_TOKEN/);
  });

  it('the scripts do the same; all instances go on after a failure', async () => {
    const repository = instanceRepository({
      ...oneWorker,
      'instances/one.json': instanceText({ instance_id: 'one' }),
      'instances/two.json': instanceText({ instance_id: 'two' }),
      'instances/wrong.json': instanceText({ instance_id: 'wrong', rate_limits: { rpm: -1 } }),
    });
    const failed = await script(repository, 'deploy-all-instances', '--parallel', '2');
    expect(failed.exitCode).toBe(1);
    expect(failed.printed).toMatch(
      /one +deployed.*\n+two +deployed.*\n.*wrong\.json +failed.*rate_limits\.rpm/s,
    );
    expect(failed.printed).toMatch('1 of 3 instances failed');
    repository.write({ 'instances/wrong.json': instanceText({ instance_id: 'wrong' }) });
    const single = await script(repository, 'deploy-instance', '--config', 'instances/wrong.json');
    expect([single.exitCode, single.printed]).toEqual([0, expect.stringMatching('wrong: deployed')]);
    const rehearsed = await script(repository, 'deploy-all-instances', '--dry-run');
    expect(rehearsed.printed).toMatch(/one +planned[\s\S]*Nothing has been changed\./);
    const again = await script(repository, 'deploy-all-instances', '--json');
    expect(again.exitCode).toBe(0);
    assertOutput(['instance', 'deploy', '--all', '--json'], again.printed);
    const outcomes: unknown = JSON.parse(again.printed);
    expect(outcomes).toEqual(
      ['one', 'two', 'wrong'].map(() => expect.objectContaining({ status: 'unchanged' })),
    );
    expect([...fake.workers.keys()].sort()).toEqual(['images-one', 'images-two', 'images-wrong']);
  });

  it('a copy goes back to its version of before', async () => {
    const repository = instanceRepository({ ...oneWorker, 'instances/acme.json': instanceText() }, 'real');
    expect((await script(repository, 'deploy-instance', '--config', 'acme')).exitCode).toBe(0);
    const first = fake.workers.get('images-acme')?.deployments[0]?.versions[0]?.version_id;
    repository.commit({ 'services/images/index.js': workerText('two') });
    expect((await script(repository, 'deploy-instance', '--config', 'acme')).exitCode).toBe(0);
    const back = await script(repository, 'rollback', 'images', '--instance', 'acme');
    expect([back.exitCode, back.printed]).toEqual([0, expect.stringMatching(/images-acme +deployed/)]);
    expect(fake.workers.get('images-acme')?.deployments[0]?.versions).toEqual([
      { version_id: first, percentage: 100 },
    ]);
    const unknown = await script(repository, 'rollback', 'image', '--instance', 'acme');
    expect([unknown.exitCode, unknown.printed]).toEqual([1, expect.stringMatching(/Did you mean "images"/)]);
  });
});
