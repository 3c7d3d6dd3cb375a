// The action remove-service as it ships, with the records of what it takes down, and launch remove.
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type FakeCloudflare, startFakeCloudflare } from '../support/cloudflare-api/server.ts';
import { createHost, type DeployHost } from '../support/deploy-host.ts';
import { type FakeGitHub, startFakeGitHub } from '../support/github-api.ts';
import { serveDeployments } from '../support/github-deployments.ts';
import { launch } from '../support/launch-command.ts';
import { release, runOf, script } from '../support/recorded-service.ts';
import { createRepository, removeRepositories, useHermeticGit } from '../support/repository.ts';
import { type ActionResult, runAction } from '../support/run-action.ts';
import { requireTools } from '../support/tools.ts';
import { seedWorker, setTraffic, workerAt } from '../support/worker-repository.ts';

useHermeticGit();
afterAll(removeRepositories);

let api: FakeGitHub;
let fake: FakeCloudflare;
beforeEach(async () => {
  [api, fake] = await Promise.all([startFakeGitHub('a-token-of-the-job'), startFakeCloudflare()]);
});
afterEach(async () => {
  await Promise.all([api.close(), fake.close()]);
});

const run = 'https://github.com/octo/shop/actions/runs/1';

requireTools('flock', 'node24')('the action remove-service', () => {
  const remove = async (host: DeployHost, inputs: Record<string, string> = {}): Promise<ActionResult> =>
    await runAction('remove-service', runOf(api, host, { target: 'homelab', driver: 'script', ...inputs }));
  const withdrawn = (host: DeployHost): void =>
    void host.repository.commit({ [`services/${host.service}`]: null, 'README.md': 'it is out' });

  it('takes down what the commit does not have any more, and ends its record with a link to the job', async () => {
    const [host, records] = [await createHost(), serveDeployments(api)];
    host.commit({ 'remove.sh': script('echo "down: $LAUNCH_SERVICE"') });
    release(host, 'one');
    const deployed = await runAction('compose-deploy', runOf(api, host, { 'job-id': '51725241954' }));
    expect(records.all[0]?.statuses.at(-1)).toMatchObject({
      state: 'success',
      log_url: `${run}/job/51725241954`,
    });

    const early = await remove(host);
    expect(early).toMatchObject({ exitCode: 1 });
    expect(early.annotations[0]?.message).toContain('still goes to "homelab"');
    expect(records.states()).toEqual([`homelab/${host.service}: in_progress, success`]);

    withdrawn(host);
    const removed = await remove(host, { 'job-id': '7' });
    expect(removed).toMatchObject({
      exitCode: 0,
      annotations: [],
      outputs: { status: 'removed', release: deployed.outputs['release'], containers: '[]', volumes: '[]' },
    });
    expect(removed.stdout).toContain(`down: ${host.service}`);
    expect(removed.summary).toContain('Taken down');
    expect(records.all[0]?.statuses.at(-1)).toEqual({
      state: 'inactive',
      description: 'Taken down by octocat; its data is kept.',
      log_url: `${run}/job/7`,
    });
    expect((await remove(host)).outputs).toMatchObject({ status: 'absent' });
    expect(records.states()).toEqual([`homelab/${host.service}: in_progress, success, inactive`]);
    expect(api.refused).toEqual([]);
  });

  it('leaves a script that has no way down, with its record, and is green with a warning', async () => {
    const [host, records] = [await createHost(), serveDeployments(api)];
    release(host, 'one');
    await runAction('compose-deploy', runOf(api, host));
    withdrawn(host);
    const left = await remove(host);
    expect(left).toMatchObject({ exitCode: 0, outputs: { status: 'left' } });
    expect(left.annotations).toMatchObject([
      { level: 'warning', message: expect.stringContaining('remove.sh') },
    ]);
    expect(records.states()).toEqual([`homelab/${host.service}: in_progress, success`]);
  });

  it('does its work also where GitHub takes no record, and where nothing was ever deployed', async () => {
    serveDeployments(api, { permission: 'none' });
    const host = await createHost();
    host.commit({ 'remove.sh': script(':') });
    release(host, 'one');
    await runAction('compose-deploy', runOf(api, host, { token: '' }));
    withdrawn(host);
    const removed = await remove(host);
    expect(removed).toMatchObject({ exitCode: 0, outputs: { status: 'removed' } });
    expect(removed.annotations).toMatchObject([
      { level: 'warning', message: expect.stringContaining('deployments: write') },
    ]);
    const nothing = await remove(host, { service: 'never-there', token: '' });
    expect(nothing).toMatchObject({ exitCode: 0, outputs: { status: 'absent' } });
  });

  it('refuses a pull request', async () => {
    const host = await createHost();
    withdrawn(host);
    const refused = await runAction('remove-service', {
      ...runOf(api, host, { target: 'homelab' }),
      eventName: 'pull_request',
    });
    expect(refused.annotations[0]?.title).toBe('UNTRUSTED_EVENT');
  });
});

requireTools('flock', 'node24')('launch remove', () => {
  it('asks for --yes without a terminal, and says what is kept', async () => {
    const host = await createHost();
    host.commit({ 'remove.sh': script(':') });
    release(host, 'one');
    await host.deploy();
    const given = ['remove', host.service, '--repository', 'octo/shop', '--state-dir', host.stateDir];
    const asked = await launch(given, { cwd: host.repository.path });
    expect(asked).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--yes') });
    const done = await launch([...given, '--yes', '--json'], { cwd: host.repository.path });
    expect(done).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(done.stdout)).toMatchObject({
      status: 'removed',
      service: host.service,
      target: 'homelab',
    });
    const history = await launch(['history', ...given.slice(1)], { cwd: host.repository.path });
    expect(history.stdout).toMatch(/ removed .*taken down by hand/);
    const again = await launch([...given, '--yes'], { cwd: host.repository.path });
    expect(again).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('Nothing of') });
    const unknown = await launch(['remove', 'no-such', ...given.slice(2), '--yes'], {
      cwd: host.repository.path,
    });
    expect(unknown).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('SERVICE_NOT_FOUND') });
  });
});

describe('a worker of a service that is gone', () => {
  const repository = createRepository();
  repository.commit({
    'launch.yml': 'targets:\n  edge: { runs-on: ubuntu-latest, driver: worker, secret-prefix: EDGE_ }\n',
  });
  const remove = async (worker: string): Promise<ActionResult> => {
    const secrets = {
      CLOUDFLARE_API_TOKEN: 'of-nobody',
      EDGE_CLOUDFLARE_API_TOKEN: fake.token,
      CLOUDFLARE_ACCOUNT_ID: fake.accountId,
    };
    return await runAction('remove-service', {
      cwd: repository.path,
      env: { CLOUDFLARE_API_BASE_URL: fake.url, GITHUB_API_URL: api.url },
      inputs: {
        service: 'hello',
        target: 'edge',
        driver: 'worker',
        worker,
        'secret-prefix': 'EDGE_',
        secrets: JSON.stringify(secrets),
        token: 'a-token-of-the-job',
      },
    });
  };
  const seed = async (name: string, commit: string, metadata: object = {}): Promise<string> =>
    await seedWorker(fake, name, 'v1', undefined, {
      annotations: { 'workers/message': 'Launch, by octocat', 'workers/tag': commit.slice(0, 12) },
      ...metadata,
    });

  it('is deleted, unless it is newer than the commit, somebody else’s, or has Durable Objects', async () => {
    const before = repository.commit({ 'README.md': 'there' });
    const without = repository.commit({ 'README.md': 'out' });
    const after = repository.commit({ 'README.md': 'there again' });
    repository.checkout(without);
    fake.kv.namespaces.set('k1', { id: 'k1', title: 'cache', values: new Map() });
    const kv = { type: 'kv_namespace', name: 'CACHE', namespace_id: 'k1' };
    await seed('hello', before, { bindings: [kv] });
    const removed = await remove('hello');
    expect(removed).toMatchObject({ exitCode: 0, outputs: { status: 'removed', release: 'hello' } });
    expect(removed.summary).toContain('CACHE');
    expect([fake.workers.has('hello'), fake.kv.namespaces.size]).toEqual([false, 1]);
    expect((await remove('hello')).outputs).toMatchObject({ status: 'absent' });

    await seed('newer', after);
    await seed('unknown', '0123456789ab');
    for (const name of ['newer', 'unknown']) {
      expect((await remove(name)).annotations[0]?.title).toBe('SUPERSEDED');
    }
    await seedWorker(fake, 'foreign', 'v1', undefined, { annotations: {} });
    await setTraffic(fake, 'foreign', { [workerAt(fake, 'foreign').versions[0]?.id ?? '']: 100 }, 'by hand');
    expect((await remove('foreign')).annotations[0]?.message).toContain('somebody else');
    await seed('rooms', before, {
      bindings: [{ type: 'durable_object_namespace', name: 'ROOM', class_name: 'Room' }],
      migrations: { new_tag: 'v1', steps: [{ new_sqlite_classes: ['Room'] }] },
    });
    const left = await remove('rooms');
    expect(left).toMatchObject({ exitCode: 0, outputs: { status: 'left' } });
    expect(left.annotations).toMatchObject([{ level: 'warning', message: expect.stringContaining('ROOM') }]);
    expect([...fake.workers.keys()].sort()).toEqual(['foreign', 'newer', 'rooms', 'unknown']);
    expect(fake.refused).toEqual([]);
  });
});
