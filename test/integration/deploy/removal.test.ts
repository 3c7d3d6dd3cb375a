// A service is taken down on its host, and everything that holds data stays.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import type { HistoryLine } from '../../../src/core/deploy/release.ts';
import { diagnoseServices } from '../../../src/operations/diagnose-services.ts';
import { freezeService } from '../../../src/operations/freeze-service.ts';
import { hostedServices } from '../../../src/operations/hosted-services.ts';
import { readStatus } from '../../../src/operations/read-status.ts';
import { recoverHost } from '../../../src/operations/recover-host.ts';
import { silentReporter } from '../../../src/operations/reporter.ts';
import {
  containersOf,
  createHost,
  type DeployHost,
  docker,
  repositoryName,
  startDeployment,
} from '../../support/deploy-host.ts';
import { deploySuite, useEdge } from '../../support/deploy-suite.ts';
import { routedCompose, routedFiles, routedSettings } from '../../support/routed-service.ts';

const suite = deploySuite('caddy');
const edge = useEdge();

const plain = `services:
  web:
    image: launch-test/nginx:1
    stop_grace_period: 0s
    depends_on: [app]
    volumes: ["store:/store", "./state:/state"]
  app:
    image: launch-test/app:1
    stop_grace_period: 0s
volumes: { store: {} }
`;

async function deployed(compose = plain): Promise<DeployHost> {
  const host = await createHost({ 'compose.yml': compose });
  expect(await host.deploy()).toMatchObject({ status: 'deployed' });
  return host;
}

const history = (host: DeployHost): HistoryLine[] =>
  readFileSync(join(host.folder, 'history.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

const networks = (host: DeployHost): string =>
  docker('network', 'ls', '--quiet', '--filter', `label=com.docker.compose.project=${host.service}`);

const atHead = (host: DeployHost, run: number) => ({
  commit: { id: host.repository.id(), top: host.repository.path, ...order(run) },
});

const order = (run: number, attempt = 1) => ({ order: { line: 'deploy on main', run, attempt } });

suite('a service that is taken down', () => {
  it('is gone with its route and networks, keeps all data, and finds it when it is deployed again', async () => {
    const others = `  app:\n    image: launch-test/app:1\n    stop_grace_period: 0s\n    volumes: ["store:/store"]\nvolumes: { store: {} }\n`;
    const host = await createHost();
    edge.announce(host.stateDir);
    host.commit({
      'compose.yml': routedCompose({ version: 'v1', volumes: ', "./state:/state"', others }),
      'service.yml': routedSettings(host.service, 'recreate'),
      ...routedFiles('v1'),
    });
    const first = await host.deploy();
    expect((await edge.get(host.service, '/version')).text).toBe('v1');
    docker('exec', `${host.service}-app-1`, 'sh', '-c', 'echo kept >/store/file');
    docker('exec', `${host.service}-web-1`, 'sh', '-c', 'echo kept >/state/file');

    host.repository.commit({ [`services/${host.service}`]: null });
    const result = await host.remove({
      ...atHead(host, 7),
      runUrl: 'https://github.example/run/7',
    });
    expect(result).toMatchObject({
      status: 'removed',
      release: first.release,
      target: 'homelab',
      containers: [`${host.service}-app-1`, `${host.service}-web-1`],
      volumes: [`${host.service}_store`],
      data: join(host.folder, 'data'),
    });
    expect(host.containers()).toEqual({});
    expect(networks(host)).toBe('');
    expect(JSON.stringify(await edge.config())).not.toContain(`launch-${host.service}`);
    expect(readFileSync(join(host.folder, `data/services/${host.service}/state/file`), 'utf8')).toBe(
      'kept\n',
    );
    expect(history(host).at(-1)).toMatchObject({
      release: first.release,
      status: 'removed',
      by: 'ann',
      run: 'https://github.example/run/7',
      reason: expect.stringContaining(host.repository.id().slice(0, 12)),
    });
    const [status] = await readStatus({ stateRoot: host.stateDir, services: [], hostEnv: process.env });
    expect(status).toMatchObject({ health: 'removed', detail: expect.stringContaining('by ann') });
    expect(await host.remove(atHead(host, 8))).toMatchObject({ status: 'absent' });
    expect(history(host)).toHaveLength(2);

    // A run of before the removal must not bring it back, however it comes.
    host.repository.checkout('HEAD~1');
    await expect(host.deploy(order(6))).rejects.toMatchObject({ code: 'SUPERSEDED' });
    await expect(host.deploy(order(6, 2))).rejects.toMatchObject({ code: 'SUPERSEDED' });
    await expect(host.deploy()).rejects.toMatchObject({ code: 'SUPERSEDED' });
    expect(host.containers()).toEqual({});

    host.repository.checkout('main');
    host.repository.git('revert', '--no-edit', 'HEAD');
    expect(await host.deploy(order(9))).toMatchObject({ status: 'deployed' });
    expect(docker('exec', `${host.service}-app-1`, 'cat', '/store/file')).toBe('kept');
    expect(docker('exec', `${host.service}-web-1`, 'cat', '/state/file')).toBe('kept');
    expect((await edge.get(host.service, '/version')).text).toBe('v1');
  });

  it('is left alone where what serves is newer than the commit that took it out', async () => {
    const host = await deployed();
    const old = host.repository.commit({ 'README.md': 'the service is out' });
    const top = host.repository.path;
    host.commit({ 'service.yml': 'env: { VERSION: two }\n' });
    await host.deploy(order(5));
    const ids = host.containers();
    for (const asked of [order(4), order(4, 2), {}]) {
      await expect(host.remove({ commit: { id: old, top, ...asked } })).rejects.toMatchObject({
        code: 'SUPERSEDED',
      });
    }
    // A checkout of that commit alone knows nothing of the newer one, but when it was made.
    const shallow = host.repository.bareOrigin().clone({ depth: 1, ref: old });
    await expect(host.remove({ commit: { id: old, top: shallow.path } })).rejects.toMatchObject({
      code: 'SUPERSEDED',
    });
    expect(host.containers()).toEqual(ids);
    await freezeService(
      {
        repository: repositoryName,
        service: host.service,
        stateDir: host.stateDir,
        hostEnv: process.env,
        reason: 'audit',
        strict: true,
      },
      silentReporter,
    );
    await expect(host.remove()).rejects.toMatchObject({ code: 'FROZEN' });
    expect(host.containers()).toEqual(ids);
  });

  it('never takes what is somebody else’s', async () => {
    const host = await deployed();
    const stranger = (...labels: string[]) =>
      docker('run', '--detach', ...labels.flatMap((it) => ['--label', it]), 'launch-test/app:1');
    const project = `com.docker.compose.project=${host.service}`;
    const unlabelled = stranger(project);
    const before = Object.values(containersOf(host.service)).map(({ id }) => id);
    await expect(host.remove()).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    expect(Object.values(containersOf(host.service)).map(({ id }) => id)).toEqual(before);
    docker('rm', '--force', unlabelled);
    for (const { id } of Object.values(host.containers())) docker('rm', '--force', id);

    const heir = stranger(
      project,
      'launch.service=heir',
      'launch.target=homelab',
      `launch.repository=${repositoryName}`,
    );
    expect(await host.remove()).toMatchObject({
      status: 'removed',
      containers: [],
      notices: [expect.stringContaining('"heir"')],
    });
    expect(Object.values(containersOf(host.service)).map(({ id }) => id)).toEqual([heir]);
    expect(networks(host)).not.toBe('');
  });

  it('is gone in the end, wherever the removal was killed, or is deployed anew', async () => {
    const host = await deployed();
    const whole: string[] = [];
    await host.remove({ beforeEffect: async (effect) => void whole.push(effect) });
    expect(whole).toEqual([
      'journal remove',
      'POST /containers/<id>/stop',
      'POST /containers/<id>/stop',
      'DELETE /containers/<id>',
      'DELETE /containers/<id>',
      'DELETE /networks/<id>',
      'write the freeze',
      'clear current',
      'append to the history',
      'clear the journal',
    ]);
    const wrong: string[] = [];
    for (const [turn, killAt] of [2, 5, 9, 10].entries()) {
      await host.deploy({ force: true, steadyMs: 100 });
      const killed = startDeployment(host.request(), { remove: true, killAt });
      await killed.ended;
      const finish = [
        async () => await host.remove(),
        async () =>
          await recoverHost({ stateDir: host.stateDir, by: 'boot', hostEnv: process.env }, silentReporter),
        async () => await host.deploy({ steadyMs: 100 }),
      ][turn % 3];
      await finish?.();
      const say = (text: string) => void wrong.push(`killed before effect ${killAt}: ${text}`);
      const lines = history(host);
      const removals = lines.filter(({ status }) => status === 'removed');
      if (new Set(removals.map(({ at }) => at)).size !== turn + 2) say(`${removals.length} removals`);
      if (new Set(removals.map(({ at }) => at)).size !== removals.length)
        say('a removal is twice in the history');
      const left = Object.keys(host.containers()).length;
      if (left !== (turn % 3 === 2 ? 2 : 0)) say(`${left} containers`);
      if (readFileSync(join(host.folder, 'lock'), 'utf8') !== '') say('a name on the lock');
    }
    expect(wrong).toEqual([]);
  });

  it('is known to the doctor, which tells of what came up again', async () => {
    const host = await deployed();
    const ask = async () =>
      await diagnoseServices({
        stateRoot: host.stateDir,
        hostEnv: process.env,
        hosted: await hostedServices(host.stateDir, process.env),
        repository: { name: repositoryName, services: new Set() },
      });
    expect((await ask()).map(({ remedy }) => remedy).join()).toContain(
      `launch remove ${host.service} --target homelab`,
    );
    await host.remove();
    expect(await ask()).toEqual([]);
    expect((await hostedServices(host.stateDir, process.env))[0]?.removedAt).toBe(history(host).at(-1)?.at);
  });
});

suite('a service of scripts that is taken down', () => {
  const script = (...lines: string[]) => ({ executable: ['#!/bin/sh', 'set -eu', ...lines, ''].join('\n') });

  it('runs the remove.sh of its release with what deploy.sh was given, and stays where that fails or is none', async () => {
    const host = await createHost({ 'deploy.sh': script('true'), 'service.yml': 'secrets: [TOKEN]\n' });
    const out = join(host.stateDir, 'out');
    mkdirSync(out);
    const secrets = new Map([['TOKEN', 's3cret-value']]);
    await host.deploy({ secrets });
    expect(await host.remove({ secrets })).toMatchObject({
      status: 'left',
      why: expect.stringContaining('remove.sh'),
    });
    expect(
      (await readStatus({ stateRoot: host.stateDir, services: [], hostEnv: process.env }))[0]?.release,
    ).toBeDefined();

    host.commit({
      'remove.sh': script(
        `test ! -e ${out}/fail`,
        `echo "$LAUNCH_SERVICE $LAUNCH_RELEASE $TOKEN" >${out}/said`,
      ),
    });
    const { release } = await host.deploy({ secrets });
    await expect(host.remove()).rejects.toMatchObject({ code: 'SECRET_MISSING' });
    writeFileSync(join(out, 'fail'), '');
    await expect(host.remove({ secrets })).rejects.toMatchObject({ code: 'DEPLOY_FAILED' });
    expect(await host.deploy({ secrets })).toMatchObject({ status: 'unchanged', release });
    rmSync(join(out, 'fail'));
    expect(await host.remove({ secrets })).toMatchObject({ status: 'removed', release });
    expect(readFileSync(join(out, 'said'), 'utf8')).toBe(`${host.service} ${release} s3cret-value\n`);
    expect(host.log.join('\n')).not.toContain('s3cret-value');
  });

  it('stays where a newer run found it frozen, and where a rollback took the newer release away', async () => {
    const host = await createHost({ 'deploy.sh': script('true'), 'remove.sh': script('true') });
    await host.deploy(order(1));
    const question = { repository: repositoryName, service: host.service, stateDir: host.stateDir };
    const freeze = { ...question, hostEnv: process.env, reason: 'audit', strict: false };
    await freezeService(freeze, silentReporter);
    const out = host.repository.commit({ [`services/${host.service}`]: null });
    host.repository.git('revert', '--no-edit', 'HEAD');
    const asked = (run: number) => ({ commit: { id: out, top: host.repository.path, ...order(run) } });
    // The removal of run 2 waits for an approval, while run 3 has the service again.
    expect(await host.deploy(order(3))).toMatchObject({ status: 'unchanged', frozen: true });
    await expect(host.remove(asked(2))).rejects.toMatchObject({ code: 'SUPERSEDED' });

    host.commit({ 'service.yml': 'env: { VERSION: two }\n' });
    expect(await host.deploy(order(5))).toMatchObject({ status: 'deployed' });
    expect(await host.rollback()).toMatchObject({ status: 'deployed' });
    await expect(host.remove(asked(4))).rejects.toMatchObject({ code: 'SUPERSEDED' });
    expect(await host.remove(asked(6))).toMatchObject({ status: 'removed' });
  });
});
