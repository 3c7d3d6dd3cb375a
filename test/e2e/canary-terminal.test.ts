// The canaries at a terminal, where nobody masks anything, and out of an encrypted file.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from '@jest/globals';
import { canaryNames, makeCanaries, traceFinder } from '../support/canaries.ts';
import {
  type CanaryService,
  canaryService,
  findCanaries,
  findInRun,
  given,
  latin1,
} from '../support/canary-service.ts';
import { createHost, type DeployHost, repositoryName, until } from '../support/deploy-host.ts';
import { deploySuite } from '../support/deploy-suite.ts';
import { launch } from '../support/launch-command.ts';
import { temporaryFolder } from '../support/repository.ts';
import { runAction, startAction } from '../support/run-action.ts';
import { ageKey, encrypted, envLine } from '../support/sops.ts';
import { toolPath } from '../support/tools.ts';
import { watchHost } from '../support/watch-host.ts';

const failing: CanaryService = {
  web: '    healthcheck: { test: ["CMD-SHELL", "env; exit 1"], interval: 500ms, retries: 1 }\n',
};

function commit(host: DeployHost, changes: CanaryService & { page: string }): void {
  host.commit(canaryService(host.port, changes));
}

const suite = deploySuite('node24', 'sops', 'age-keygen');

suite('a canary at a terminal', () => {
  it('is found nowhere but in its containers, whatever command asks for what', async () => {
    const { values, cores } = makeCanaries();
    const scratch = temporaryFolder('launch-canary-');
    const host = await createHost();
    const secrets = JSON.stringify(values);
    const place = ['--state-dir', host.stateDir];
    const named = [...place, '--repository', repositoryName];
    const find = traceFinder(cores);
    const said: string[] = [];
    const env = {
      TMPDIR: scratch,
      DOCKER_CONFIG: process.env['DOCKER_CONFIG'],
      RUNNER_DEBUG: '1',
      DEBUG: '*',
    };
    const run = async (args: readonly string[], more: { stdin?: string; env?: NodeJS.ProcessEnv } = {}) => {
      const options = { cwd: host.repository.path, ...more, env: { ...env, ...more.env } };
      const { result, findings } = await watchHost(
        cores,
        [scratch, host.stateDir, '/dev/shm'],
        async () => await launch(args, options),
      );
      const told = `${result.stdout}\n${result.stderr}`;
      said.push(told);
      expect({ args, found: [...findings, ...find(latin1(told))] }).toEqual({ args, found: [] });
      return result;
    };
    host.repository.git('remote', 'add', 'origin', `https://github.com/${repositoryName}`);
    const file = join(temporaryFolder(), 'secrets.json');
    writeFileSync(file, secrets, { mode: 0o600 });
    const ways = [
      { args: [], env: { LAUNCH_SECRETS: secrets } },
      { args: ['--secrets-file', '-'], stdin: secrets },
      { args: ['--secrets-file', file, '--json'] },
    ];
    for (const [at, { args, ...more }] of ways.entries()) {
      commit(host, { page: `page ${at}` });
      const { exitCode } = await run(['deploy', host.service, ...place, ...args], more);
      expect(exitCode).toBe(0);
      expect(given(host)).toEqual({ 'web-1': values, 'app-1': values });
    }
    const asked = { env: { LAUNCH_SECRETS: secrets } };
    expect((await run(['rollback', host.service, ...named], asked)).exitCode).toBe(0);
    await run(['unfreeze', host.service, ...named]);

    commit(host, { page: 'failing', ...failing });
    await run(['deploy', host.service, ...place, '--dry-run'], asked);
    for (const json of [[], ['--json']]) {
      const failed = await run(['deploy', host.service, ...place, ...json], asked);
      expect(failed.exitCode).toBe(3);
    }
    // As it stays when nobody may take it back: then it is asked for without its secrets.
    const left = await run(['deploy', host.service, ...place, '--no-rollback'], asked);
    expect(left.exitCode).toBe(4);
    await until('the container to be unhealthy', () => {
      const state = host.docker('inspect', '--format', '{{.State.Health.Status}}', `${host.service}-web-1`);
      return state === 'unhealthy';
    });
    for (const args of [['status'], ['status', '--json'], ['doctor'], ['recover']])
      await run([...args, ...place]);
    await run(['history', host.service, ...named]);
    await run(['unlock', host.service, ...named, '--force']);
    expect(said.join('\n')).toContain('is unhealthy: "');
  }, 180_000);

  it('is not shown by who brings a release to an end without having been told of it', async () => {
    const { values, cores } = makeCanaries();
    const find = traceFinder(cores);
    const host = await createHost();
    const inputs = { service: host.service, 'state-dir': host.stateDir, secrets: JSON.stringify(values) };
    commit(host, { page: 'first', ...{ web: failing.web?.replace('exit 1', 'test ! -e /fail') ?? '' } });
    const first = await runAction('compose-deploy', { inputs, cwd: host.repository.path });
    expect(first.outputs['status']).toBe('deployed');
    commit(host, { page: 'second', health: `{ tcp: "127.0.0.1:1", timeout: 60s }` });
    const started = startAction('compose-deploy', { inputs, cwd: host.repository.path });
    await until('the release to be verified', () => started.log().includes('attempt'));
    const { guardian } = JSON.parse(readFileSync(join(host.folder, 'lock'), 'utf8'));
    process.kill(guardian, 'SIGKILL');
    started.kill('SIGKILL');
    await started.result;
    // The old release comes back, and does not get healthy: what its check prints is all that is known of it.
    const spoiled = setInterval(() => spoil(host), 100);
    const recovered = await launch(['recover', '--state-dir', host.stateDir], { cwd: host.repository.path });
    clearInterval(spoiled);
    const status = await launch(['status', '--state-dir', host.stateDir], { cwd: host.repository.path });
    const told = [recovered, status].map(({ stdout, stderr }) => `${stdout}\n${stderr}`).join('\n');
    expect(told).toContain('is unhealthy: "');
    expect(find(latin1(told))).toEqual([]);
    expect(findCanaries(host, cores, []).filter((it) => !it.startsWith('container '))).toEqual([]);
    expect(given(host)).toEqual({ 'web-1': values, 'app-1': values });
  }, 120_000);
});

function spoil(host: DeployHost): void {
  try {
    host.docker('exec', `${host.service}-web-1`, 'touch', '/fail');
  } catch {
    // It is not there yet.
  }
}

suite('a canary in an encrypted file', () => {
  it('is decrypted in memory alone, and its key reaches nobody but sops', async () => {
    const { values, cores } = makeCanaries();
    const key = ageKey();
    const scratch = temporaryFolder('launch-canary-');
    const watched = [...cores, key.secret];
    const host = await createHost();
    const lines = Object.entries(values).map(([name, value]) => envLine(name, value));
    host.commit({ 'secrets.enc.env': encrypted(lines.join(''), key) });
    // sops has an escape for line ends, and none for the escape.
    const expected = Object.fromEntries(
      canaryNames.map((name) => [name, (values[name] ?? '').replaceAll('\\n', '\n')]),
    );
    const run = {
      inputs: { service: host.service, 'state-dir': host.stateDir, secrets: `SOPS_AGE_KEY=${key.secret}\n` },
      cwd: host.repository.path,
      env: {
        PATH: `${dirname(toolPath('sops') ?? '')}:${process.env['PATH'] ?? ''}`,
        TMPDIR: scratch,
        RUNNER_DEBUG: '1',
      },
    };
    for (const changes of [{ page: 'first' }, { page: 'second', ...failing }]) {
      commit(host, changes);
      const { result, findings, programs } = await watchHost(
        watched,
        [scratch, host.stateDir, '/dev/shm'],
        async () => await runAction('compose-deploy', run),
      );
      expect(findings).toEqual([]);
      expect(programs).toContain('docker-compose');
      expect(findInRun(result, watched)).toEqual([]);
      expect(findCanaries(host, watched, [scratch])).toEqual([]);
      expect(result.outputs['status']).toBe(changes.page === 'first' ? 'deployed' : 'rolled-back');
      expect(given(host)).toEqual({ 'web-1': expected, 'app-1': expected });
      expect(JSON.stringify(host.containers())).not.toContain('SOPS_AGE_KEY');
      // Masked as soon as it is known: before the first word of what uses it.
      const lastMask = result.stdout.lastIndexOf('::add-mask::');
      expect(result.stdout.indexOf('::group::Hook')).toBeGreaterThan(lastMask);
    }
  }, 120_000);
});
