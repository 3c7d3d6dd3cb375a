import { rmSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeEach, expect, it } from '@jest/globals';
import { createHost, type DeployHost, until } from '../support/deploy-host.ts';
import { type FakeGitHub, startFakeGitHub } from '../support/github-api.ts';
import {
  type ServedDeployments,
  type ServeOptions,
  serveDeployments,
} from '../support/github-deployments.ts';
import { release, runOf, script } from '../support/recorded-service.ts';
import { removeRepositories, useHermeticGit } from '../support/repository.ts';
import { type ActionResult, runAction, startAction } from '../support/run-action.ts';
import { requireTools } from '../support/tools.ts';

useHermeticGit();
afterAll(removeRepositories);

let api: FakeGitHub;
beforeEach(async () => {
  api = await startFakeGitHub('a-token-of-the-job');
});
afterEach(async () => await api.close());

const runUrl = 'https://github.com/octo/shop/actions/runs/1/attempts/1';
const deploy = async (host: DeployHost, inputs: Record<string, string> = {}): Promise<ActionResult> =>
  await runAction('compose-deploy', runOf(api, host, inputs));
const serve = (options?: ServeOptions): ServedDeployments => serveDeployments(api, options);

requireTools('flock', 'node24')('records of deployments on GitHub', () => {
  it('tell a deployment with its environment, commit, URL and run, once', async () => {
    const [host, records] = [await createHost(), serve()];
    const commit = release(host, 'one');
    const first = await deploy(host);
    expect({ exitCode: first.exitCode, annotations: first.annotations }).toEqual({
      exitCode: 0,
      annotations: [],
    });
    expect(records.all).toEqual([
      expect.objectContaining({
        ref: commit,
        task: 'deploy',
        environment: `homelab/${host.service}`,
        payload: { service: host.service, target: 'homelab', release: first.outputs['release'] },
        statuses: [
          expect.objectContaining({ state: 'in_progress', log_url: runUrl }),
          {
            state: 'success',
            description: `${first.outputs['release']} serves.`,
            log_url: runUrl,
            environment_url: 'https://chat.example.org',
          },
        ],
      }),
    ]);
    const asked = api.requests.length;
    expect((await deploy(host)).outputs).toMatchObject({ status: 'unchanged' });
    expect((await deploy(host, { 'dry-run': 'true' })).exitCode).toBe(0);
    expect(api.requests).toHaveLength(asked);
    const post = await runAction('compose-deploy', {
      ...runOf(api, host),
      stage: 'post',
      state: first.state,
    });
    expect({ log: post.stdout, asked: api.requests.length }).toEqual({ log: '', asked });
    expect(api.refused).toEqual([]);
  });

  it('tell apart taken back, down, and nothing changed; what serves stays live; no secret gets there', async () => {
    const [host, records] = [await createHost(), serve()];
    const secrets = 'TOKEN=canary-of-the-records\n';
    const declared = 'secrets: [TOKEN]\n';
    release(host, 'good', { more: declared });
    const good = await deploy(host, { secrets });
    const environment = `homelab/${host.service}`;

    release(host, 'bad', { more: declared, health: 'echo "$TOKEN is wrong" >&2; exit 1' });
    const bad = await deploy(host, { secrets, timeout: '2s' });
    expect(bad.outputs).toMatchObject({ status: 'rolled-back' });
    release(host, 'early', {
      more: `${declared}hooks: { pre-deploy: ./before.sh }\n`,
    });
    host.commit({ 'before.sh': script('echo "$TOKEN" >&2', 'exit 3') });
    const early = await deploy(host, { secrets });
    expect(early.exitCode).toBe(1);
    expect(records.states()).toEqual([
      `${environment}: in_progress, success`,
      `${environment}: in_progress, failure`,
      `${environment}: in_progress, failure`,
    ]);
    const said = (index: number) => records.all[index]?.statuses.at(-1)?.description;
    expect(said(1)).toContain(`${good.outputs['release']} serves again.`);
    expect(said(2)).toContain('Nothing was changed: DEPLOY_FAILED');

    // The way back is a script of the old release, and that one can be broken by now.
    release(host, 'fragile', { more: declared, deploy: `test ! -e "${host.stateDir}/broken"` });
    expect((await deploy(host, { secrets })).exitCode).toBe(0);
    release(host, 'worse', { more: declared, deploy: `touch "${host.stateDir}/broken"; exit 4` });
    const down = await deploy(host, { secrets });
    expect(down.outputs).toMatchObject({ status: 'failed' });
    expect(records.states().slice(3)).toEqual([
      `${environment}: in_progress, success`,
      `${environment}: in_progress, error`,
    ]);
    expect(records.states()[0]).toBe(`${environment}: in_progress, success, inactive`);
    expect(said(4)).toContain('The service may be down.');
    expect(JSON.stringify(api.requests)).not.toContain('canary');
    expect(api.refused).toEqual([]);
  });

  it('tell a rollback as one, at the commit that comes back', async () => {
    const [host, records] = [await createHost(), serve()];
    const commit = release(host, 'one');
    const first = await deploy(host);
    release(host, 'two');
    await deploy(host);
    const back = await runAction('rollback', runOf(api, host));
    expect(back.outputs).toMatchObject({ status: 'deployed' });
    expect(records.all.at(-1)).toMatchObject({ task: 'rollback', ref: commit });
    expect(records.all.at(-1)?.statuses.at(-1)).toMatchObject({
      state: 'success',
      description: `${first.outputs['release']} serves again, as ${back.outputs['release']}.`,
    });
    expect(records.states().map((line) => line.replace(/.*, /, ''))).toEqual([
      'inactive',
      'inactive',
      'success',
    ]);
    const post = await runAction('rollback', { ...runOf(api, host), stage: 'post', state: back.state });
    expect(post.stdout).toBe('');
  });

  it.each([
    ['SIGINT', 'compose-deploy'],
    ['SIGKILL', 'compose-deploy'],
    ['SIGINT', 'rollback'],
  ] as const)('after %s of %s, post has the record say what became of it', async (signal, action) => {
    const [host, records] = [await createHost(), serve()];
    const wait = `test ! -e "${host.stateDir}/wait" || { echo waiting; sleep 60; }`;
    release(host, 'one', { deploy: wait });
    await deploy(host);
    if (action === 'rollback') {
      release(host, 'two');
      await deploy(host);
    }
    const wanted = records.all.length + 1;
    writeFileSync(`${host.stateDir}/wait`, '');
    if (action === 'compose-deploy') release(host, 'never', { deploy: wait });
    const running = startAction(action, runOf(api, host));
    await until('the release to start', () => running.log().includes('waiting'));
    await until('the record', () => records.all.at(-1)?.statuses.at(-1)?.state === 'in_progress');
    const at = performance.now();
    rmSync(`${host.stateDir}/wait`);
    running.kill(signal);
    const result = await running.result;
    expect(performance.now() - at).toBeLessThan(5000);
    expect(JSON.stringify(result.state)).not.toContain(api.token);
    const post = await runAction(action, { ...runOf(api, host), stage: 'post', state: result.state });
    expect(post.exitCode).toBe(0);
    expect(records.all).toHaveLength(wanted);
    expect(records.all.at(-1)?.statuses.map(({ state }) => state)).toEqual(['in_progress', 'failure']);
    expect(records.all.at(-1)?.statuses.at(-1)?.description).toMatch(/serves again/);
  });

  it('are found by post where their id was never heard', async () => {
    const [host, records] = [await createHost(), serve()];
    release(host, 'one');
    await deploy(host);
    release(host, 'never', { health: 'echo waiting; sleep 60' });
    const running = startAction('compose-deploy', runOf(api, host));
    await until('the release to start', () => running.log().includes('waiting') || records.all.length > 1);
    running.kill('SIGKILL');
    const result = await running.result;
    const saved = JSON.parse(result.state['unfinished'] ?? '');
    const state = { unfinished: JSON.stringify({ ...saved, record: undefined }) };
    await runAction('compose-deploy', { ...runOf(api, host), stage: 'post', state });
    expect(records.all.at(-1)?.statuses.at(-1)).toMatchObject({ state: 'failure' });
    expect(records.all).toHaveLength(2);
  });

  it('are mended by the next run where nobody came to say how it ended', async () => {
    const [host, records] = [await createHost(), serve()];
    release(host, 'one');
    await deploy(host);
    release(host, 'never', { deploy: 'echo waiting; sleep 60' });
    const running = startAction('compose-deploy', runOf(api, host));
    await until('the release to start', () => running.log().includes('waiting'));
    await until('the record', () => records.all[1]?.statuses.at(-1)?.state === 'in_progress');
    running.kill('SIGKILL');
    await running.result;
    release(host, 'three');
    const next = await deploy(host);
    expect(next.annotations.filter(({ level }) => level === 'error')).toEqual([]);
    const environment = `homelab/${host.service}`;
    expect(records.states()).toEqual([
      `${environment}: in_progress, success, inactive`,
      `${environment}: in_progress, failure`,
      `${environment}: in_progress, success`,
    ]);
    expect(records.all[1]?.statuses.at(-1)).toMatchObject({
      description: expect.stringContaining('serves again: the run was cut off'),
      log_url: runUrl,
    });
  });

  it('are one for each service of a job', async () => {
    const [host, records] = [await createHost(), serve()];
    release(host, 'one');
    const other = `${host.service}-b`;
    host.commit({
      [`/services/${other}/deploy.sh`]: script('exit 1'),
      [`/services/${other}/target.txt`]: 'homelab\n',
      [`/services/${other}/health-check.sh`]: script(':'),
    });
    const both = await deploy(host, { service: `${other},${host.service}` });
    expect(both.exitCode).toBe(1);
    expect(records.states()).toEqual([
      `homelab/${other}: in_progress, error`,
      `homelab/${host.service}: in_progress, success`,
    ]);
  });

  it('are left alone without a token', async () => {
    const host = await createHost();
    release(host, 'one');
    const run = await deploy(host, { token: '' });
    expect({ exitCode: run.exitCode, annotations: run.annotations, asked: api.requests }).toEqual({
      exitCode: 0,
      annotations: [],
      asked: [],
    });
    expect(run.commands).toContainEqual(
      expect.objectContaining({ name: 'debug', message: expect.stringContaining('No token') }),
    );
  });
});
