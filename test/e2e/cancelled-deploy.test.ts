import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, it } from '@jest/globals';
import { launch } from '../support/launch-command.ts';
import { assertOutput } from '../support/output-schemas.ts';
import {
  createRepository,
  hermeticGitEnv,
  type Repository,
  removeRepositories,
  temporaryFolder,
} from '../support/repository.ts';
import { node24, requireTools } from '../support/tools.ts';

afterAll(removeRepositories);

const command = resolve(import.meta.dirname, '../../dist/cli/index.js');
const script = (...lines: string[]) => ({ executable: ['#!/bin/sh', ...lines, ''].join('\n') });

requireTools('flock', 'node24')('launch deploy that is cancelled', () => {
  const stateDir = temporaryFolder('launch-state-');

  /** Two services; the first one's check never passes once `page` is bad. */
  function shop(): Repository {
    const repository = createRepository();
    for (const service of ['a', 'b']) {
      repository.write({
        [`services/${service}/deploy.sh`]: script('echo "deployed $(cat page)"'),
        [`services/${service}/service.yml`]:
          'health: [{ command: "grep -q good page", timeout: 60s, interval: 100ms }]\n',
        [`services/${service}/page`]: 'good',
      });
    }
    repository.commit({});
    return repository;
  }

  async function cancel(repository: Repository, at: RegExp, ...args: string[]) {
    const given = ['deploy', ...args, '--state-dir', stateDir, '--json', '-v'];
    const child = spawn(node24(), [command, ...given], {
      cwd: repository.path,
      env: { ...hermeticGitEnv(), HOME: repository.path, PATH: process.env['PATH'] },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    const ended = new Promise<number | null>((done) => child.once('close', done));
    for (const end = Date.now() + 20_000; !at.test(stderr) && Date.now() < end; ) await sleep(20);
    child.kill('SIGINT');
    const exitCode = await ended;
    assertOutput(given, stdout);
    return { exitCode, services: JSON.parse(stdout).services, stderr };
  }

  it('ends with 3 and CANCELLED where the old release serves again, and begins no other service', async () => {
    const repository = shop();
    expect(
      (await launch(['deploy', '--all', '--state-dir', stateDir], { cwd: repository.path })).exitCode,
    ).toBe(0);
    repository.commit({ 'services/a/page': 'bad', 'services/b/page': 'bad' });
    const { exitCode, services } = await cancel(repository, /grep.*attempt/, '--all');
    expect(services).toMatchObject([
      { service: 'a', status: 'rolled-back', error: { code: 'CANCELLED' } },
      { service: 'b', status: 'refused', error: { code: 'CANCELLED' } },
    ]);
    expect(services[0].error.message).toContain('serves again');
    expect(exitCode).toBe(3);
  });

  it('ends with 4 where there is no release before it, and waits for a slow way back', async () => {
    const repository = shop();
    repository.commit({ 'services/a/page': 'bad' });
    repository.git('remote', 'add', 'origin', 'https://github.com/octo/other.git');
    const first = await cancel(repository, /grep.*attempt/, 'a');
    expect(first.services).toMatchObject([{ status: 'failed', error: { code: 'CANCELLED' } }]);
    expect(first.exitCode).toBe(4);

    // Longer than a runner would wait.
    repository.commit({ 'services/a/page': 'good', 'services/a/deploy.sh': script('sleep 5') });
    expect((await launch(['deploy', 'a', '--state-dir', stateDir], { cwd: repository.path })).exitCode).toBe(
      0,
    );
    repository.commit({ 'services/a/page': 'bad' });
    const { exitCode, services } = await cancel(repository, /grep.*attempt/, 'a');
    expect(services).toMatchObject([{ status: 'rolled-back', error: { code: 'CANCELLED' } }]);
    expect(exitCode).toBe(3);
  });

  it('ends with 1 where nothing was changed yet', async () => {
    const repository = shop();
    repository.git('remote', 'add', 'origin', 'https://github.com/octo/third.git');
    repository.commit({
      'services/a/build.sh': script('echo building', 'sleep 30'),
      'services/a/service.yml': 'hooks: { build: ./build.sh }\nhealth: [{ command: "true" }]\n',
    });
    const { exitCode, services } = await cancel(repository, /building/, 'a');
    expect(services).toMatchObject([{ status: 'refused', error: { code: 'CANCELLED' } }]);
    expect(exitCode).toBe(1);
  });
});
