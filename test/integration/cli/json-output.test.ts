import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, it } from '@jest/globals';
import { startEdge } from '../../support/edge.ts';
import { launch } from '../../support/launch-command.ts';
import {
  createRepository,
  hermeticGitEnv,
  removeRepositories,
  temporaryFolder,
} from '../../support/repository.ts';
import { ROOT } from '../../support/source-tree.ts';
import { node24, requireTools } from '../../support/tools.ts';

// What each prints is held to its schema where it is started: launch-command.ts. Here is looked that each is printed at all.
afterAll(removeRepositories);

const script = (...lines: string[]) => ({ executable: ['#!/bin/sh', ...lines, ''].join('\n') });

function place(files: Parameters<ReturnType<typeof createRepository>['commit']>[0]) {
  const repository = createRepository();
  repository.git('remote', 'add', 'origin', 'https://github.com/octo/shop.git');
  repository.commit(files);
  const stateDir = temporaryFolder('launch-state-');
  const run = async (...args: string[]) => {
    const { exitCode, stderr, json } = await launch([...args, '--json', '--state-dir', stateDir], {
      cwd: repository.path,
    });
    return { exitCode, stderr, json: json() };
  };
  return { repository, stateDir, run };
}

const service = {
  'services/web/deploy.sh': script('cat page'),
  'services/web/service.yml': 'health: [{ command: "grep -q good page", timeout: 1s, interval: 100ms }]\n',
  'services/web/page': 'good',
};

requireTools('flock', 'node24')('--json', () => {
  it('of what is done to a service fits its schema, from the first deployment to the end', async () => {
    const { repository, run } = place(service);
    expect(await run('status')).toMatchObject({ exitCode: 0, json: { services: [] } });
    expect(await run('deploy', 'web')).toMatchObject({
      exitCode: 0,
      json: { services: [{ status: 'deployed' }] },
    });
    expect(await run('deploy', 'web')).toMatchObject({ json: { services: [{ status: 'unchanged' }] } });
    repository.commit({ 'services/web/page': 'good, too' });
    expect(await run('deploy', 'web', '--dry-run')).toMatchObject({
      json: { services: [{ plan: expect.any(Array) }] },
    });
    expect(await run('deploy', 'web')).toMatchObject({ json: { services: [{ status: 'deployed' }] } });
    repository.commit({ 'services/web/page': 'bad' });
    expect(await run('deploy', 'web')).toMatchObject({
      exitCode: 3,
      json: { services: [{ status: 'rolled-back', error: { code: 'DEPLOY_FAILED' } }] },
    });
    expect(await run('rollback', 'web')).toMatchObject({ exitCode: 0, json: { status: 'deployed' } });
    const frozen = ['--reason', 'a sale'];
    expect(await run('freeze', 'web', ...frozen)).toMatchObject({ exitCode: 0, json: { frozen: true } });
    expect(await run('status')).toMatchObject({
      json: { services: [{ service: 'web', frozen: { reason: 'a sale' } }] },
    });
    expect(await run('history', 'web')).toMatchObject({ exitCode: 0, json: { service: 'web' } });
    expect(await run('unfreeze', 'web')).toMatchObject({ json: { was: { reason: 'a sale' } } });
    expect(await run('unfreeze', 'web')).toMatchObject({ json: { was: null } });
    expect(await run('unlock', 'web')).toMatchObject({ exitCode: 0, json: { kind: 'free' } });
    expect(await run('recover')).toMatchObject({ exitCode: 0, json: { services: [] } });
    expect(await run('remove', 'web', '--yes')).toMatchObject({ json: { status: 'left' } });
  });

  it('of a service that depends on one that fails fits it, too, and that of an error', async () => {
    const { run } = place({
      ...service,
      'services/web/page': 'bad',
      'services/api/deploy.sh': script(':'),
      'services/api/service.yml': 'depends-on: [web]\n',
    });
    expect(await run('deploy', '--all')).toMatchObject({
      exitCode: 4,
      json: { services: [{ status: 'failed' }, { service: 'api', status: 'held-back', because: 'web' }] },
    });
    expect(await run('deploy', 'wep')).toMatchObject({
      exitCode: 1,
      json: { error: { code: 'SERVICE_NOT_FOUND', remedy: expect.stringContaining('web') } },
    });
  });

  it('of a deployment that was cut off, and of a lock that was broken', async () => {
    const { repository, stateDir, run } = place(service);
    expect(await run('deploy', 'web')).toMatchObject({ exitCode: 0 });
    repository.commit({ 'services/web/deploy.sh': script('sleep 60') });
    const cli = join(ROOT, 'dist/cli/index.js');
    const hanging = spawn(node24(), [cli, 'deploy', 'web', '--state-dir', stateDir], {
      cwd: repository.path,
      env: { ...hermeticGitEnv(), HOME: repository.path, PATH: process.env['PATH'] },
      stdio: 'ignore',
    });
    const ended = once(hanging, 'exit');
    let held = await run('unlock', 'web');
    for (const end = Date.now() + 20_000; held.exitCode === 0 && Date.now() < end; ) {
      await sleep(100);
      held = await run('unlock', 'web');
    }
    expect(held).toMatchObject({ exitCode: 1, json: { error: { code: 'LOCK_HELD' } } });
    expect(await run('unlock', 'web', '--force')).toMatchObject({ exitCode: 0, json: { kind: 'broken' } });
    await ended;
    expect(await run('status')).toMatchObject({ json: { services: [{ health: 'healthy' }] } });
  });

  it('of a repository that is set up, and of a service that is made', async () => {
    const { path: cwd } = createRepository();
    const run = async (...args: string[]) => (await launch([...args, '--json'], { cwd })).json();
    const made = { service: 'web', template: 'script', port: null };
    expect(await run('init', '--yes', '--service', 'web', '--template', 'script')).toMatchObject({
      files: expect.arrayContaining([{ path: 'launch.yml', status: 'written' }]),
      service: made,
    });
    expect(await run('new', 'api', '--template', 'script', '--yes')).toMatchObject({ dryRun: false });
    expect(await run('new', 'web', '--yes')).toMatchObject({ error: { code: 'CONFIG_INVALID' } });
    expect(await run('new', '--list')).toMatchObject({ templates: expect.any(Array) });
  });

  it('of what validate finds', async () => {
    const { repository } = place({ ...service, 'services/web/service.yml': 'drvier: script\n' });
    const found = await launch(['validate', '--json'], { cwd: repository.path });
    expect([found.exitCode, found.json()]).toMatchObject([
      1,
      { valid: false, errors: 2, services: [{ name: 'web' }], problems: expect.any(Array) },
    ]);
  });
});

requireTools('caddy', 'node24')('--json of the edge proxy', () => {
  it('fits its schema: when it is set up, shown and removed', async () => {
    const edge = await startEdge();
    try {
      const { run } = place(service);
      expect(await run('edge', 'status')).toMatchObject({ exitCode: 0, json: { settings: null } });
      const { admin, settings } = edge;
      const ports = ['--http-port', String(settings.http), '--https-port', String(settings.https)];
      const up = ['edge', 'up', '--admin', admin, ...ports, '--bind', '127.0.0.1', '--tls', 'off'];
      expect(await run(...up)).toMatchObject({ exitCode: 0, json: { answers: true, settings: { admin } } });
      expect(await run('edge', 'status')).toMatchObject({ exitCode: 0, json: { answers: true } });
      expect(await run('edge', 'down')).toMatchObject({ exitCode: 0, json: { wasThere: true } });
    } finally {
      await edge.stop();
    }
  });
});
