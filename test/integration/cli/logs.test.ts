import { execFileSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, it } from '@jest/globals';
import { createHost, type DeployHost, repositoryName } from '../../support/deploy-host.ts';
import { deploySuite } from '../../support/deploy-suite.ts';
import { type Following, startLaunch } from '../../support/following.ts';
import { launch } from '../../support/launch-command.ts';
import { createRepository, temporaryFolder } from '../../support/repository.ts';

const red = '\\033[31mred\\033[0m\\007';

function talkers(version: string): string {
  const web = `echo web ${version} begins; echo to stderr >&2; printf "${red}\\n"; i=0; while :; do i=$$((i+1)); echo tick ${version}-$$i; sleep 0.2; done`;
  const quiet = `sleep 0.5; head -c 40000 /dev/zero | tr "\\\\0" x; echo; echo ::add-mask::of quiet "##[add-mask]old"; while :; do sleep 9; done`;
  return JSON.stringify({
    services: {
      web: talker(web),
      quiet: talker(quiet),
      console: { ...talker('echo at a terminal; while :; do sleep 9; done'), tty: true },
    },
  });
}

function talker(script: string) {
  return {
    image: 'launch-test/app:1',
    network_mode: 'none',
    stop_grace_period: '0s',
    entrypoint: ['sh', '-c', script],
  };
}

deploySuite('script')('the logs of a service', () => {
  let host: DeployHost;
  const started: Following[] = [];
  const place = () => ['--repository', repositoryName, '--state-dir', host.stateDir];
  const logs = async (...args: string[]) =>
    await launch(['logs', host.service, ...place(), ...args], { cwd: host.repository.path });
  const follow = (args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) => {
    const run = startLaunch(['logs', host.service, ...place(), '--follow', ...args], {
      cwd: host.repository.path,
      env,
    });
    started.push(run);
    return run;
  };

  beforeAll(async () => {
    host = await createHost();
    host.commit({ 'compose.yml': talkers('one'), 'service.yml': 'steady: 1s\n' });
    expect((await host.deploy()).status).toBe('deployed');
  });
  afterEach(async () => {
    for (const { child, ended } of started.splice(0)) {
      child.kill('SIGKILL');
      await ended;
    }
  });

  it('are those of all its containers, in the order of time, each line behind its container', async () => {
    const { exitCode, stdout } = await logs('--timestamps');
    expect(exitCode).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    const times = lines.map((line) => / \| (\S+Z) /.exec(line)?.[1] ?? line);
    expect(times).toEqual(times.toSorted());
    const [web, quiet] = [`${host.service}-web-1`, `${host.service}-quiet-1`];
    const texts = lines.map((line) => line.replace(/ *\| \S+Z /, '|'));
    expect(texts).toEqual(expect.arrayContaining([`${web}|web one begins`, `${web}|to stderr`]));
    expect(texts).toContain(`${host.service}-console-1|at a terminal`);
    // Longer than what the engine hands over at once.
    expect(texts).toContain(`${quiet}|${'x'.repeat(40_000)}`);
    // No line is a command of a job's log, neither of the form at its beginning, nor of the old one, which may be anywhere.
    expect(texts).toContain(`${quiet}|::add-mask::of quiet #\u2060#[add-mask]old`);
  });

  it('cannot take over a terminal, unless that is asked for', async () => {
    expect((await logs('--container', 'web')).stdout).toMatch(/ \| red\n/);
    expect((await logs('--container', 'web', '--raw')).stdout).toContain(' | \u001b[31mred\u001b[0m\u0007\n');
  });

  it('are documents by the line with --json', async () => {
    const { stdout } = await logs('--json', '--container', 'web', '--tail', '1000');
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toContainEqual({
      time: expect.stringMatching(/^\d{4}-.*\.\d{9}Z$/),
      container: `${host.service}-web-1`,
      stream: 'stderr',
      line: 'to stderr',
    });
    expect(lines.map(({ line }) => line)).toContain('\u001b[31mred\u001b[0m\u0007');
  });

  it('are only those that are asked for', async () => {
    expect((await logs('--tail', '1', '--container', `${host.service}-quiet-1`)).stdout).toBe(
      `${host.service}-quiet-1 | ::add-mask::of quiet #\u2060#[add-mask]old\n`,
    );
    expect((await logs('--since', '2020-01-01', '--container', 'console-1')).stdout).toContain(
      'at a terminal',
    );
    expect((await logs('--since', '1ms', '--container', 'console')).stdout).toBe('');
    const wrong = await logs('--container', 'db', '--json');
    expect(wrong.exitCode).toBe(1);
    expect(wrong.json()).toMatchObject({
      error: { code: 'CONFIG_INVALID', remedy: expect.stringContaining(`${host.service}-web-1`) },
    });
    expect((await logs('--since', 'yesterday')).exitCode).toBe(2);
  });

  it('are followed over a deployment that replaces containers, until Ctrl-C', async () => {
    const run = follow(['--tail', '2']);
    await run.says('tick one-');
    expect(run.stdout()).not.toContain('web one begins');
    host.commit({ 'compose.yml': talkers('two') });
    const { release } = await host.deploy();
    await run.says(`Release ${release} serves now.`);
    await run.says('tick two-');
    expect(run.stdout()).toContain('web two begins');
    const ticks = run.stdout().match(/tick \w+-\d+/g) ?? [];
    expect(new Set(ticks).size).toBe(ticks.length);
    run.child.kill('SIGINT');
    expect(await run.ended).toEqual({ code: null, signal: 'SIGINT' });
  });

  it('are followed until nobody reads them', async () => {
    const run = follow(['--json']);
    await run.says('"line":"tick');
    run.child.stdout?.destroy();
    expect(await run.ended).toEqual({ code: 0, signal: null });
    expect(run.stderr()).toBe('');
  });

  it('are followed on when the engine comes back, without a line too few or too many', async () => {
    const path = join(temporaryFolder(), 'engine.sock');
    let engine = await engineBehind(path);
    const run = follow(['--tail', '1', '--container', 'web'], { DOCKER_HOST: `unix://${path}` });
    // The first one was there already: only when more comes is it being followed.
    await run.says(/tick.*\n.*tick/);
    engine.cut();
    await run.says('It is asked again for a minute.');
    engine = await engineBehind(path);
    const before = run.stdout();
    await run.says('The Docker Engine answers again.');
    await run.says(new RegExp(`${before.trimEnd().split(' ').at(-1)}\n(?:.*tick.*\n){3}`));
    engine.cut();
    const ticks = Array.from(run.stdout().matchAll(/tick \w+-(\d+)/g), ([, number]) => Number(number));
    expect(ticks).toEqual(ticks.map((_, index) => (ticks[0] ?? 0) + index));
  });

  it('are coloured on a terminal alone, and there without NO_COLOR', () => {
    const line = `node ${join(import.meta.dirname, '../../../dist/cli/index.js')} logs ${host.service} ${place().join(' ')} --container console`;
    const onTerminal = (env: NodeJS.ProcessEnv) =>
      execFileSync('script', ['-qec', line, '/dev/null'], {
        encoding: 'utf8',
        cwd: host.repository.path,
        env: { PATH: process.env['PATH'], HOME: host.stateDir, TERM: 'xterm', ...env },
      });
    expect(onTerminal({})).toContain('\u001b[36m');
    expect(onTerminal({ NO_COLOR: '1' })).not.toContain('\u001b[');
  });

  it('and the status tell of an engine that is away, and fail', async () => {
    const env = { DOCKER_HOST: `unix://${join(temporaryFolder(), 'none.sock')}` };
    const ask = async (...args: string[]) =>
      await launch([...args, '--json', '--state-dir', host.stateDir], { cwd: host.repository.path, env });
    const status = await ask('status');
    expect([status.exitCode, status.json()]).toMatchObject([1, { services: [{ health: 'unknown' }] }]);
    const shown = await ask('logs', host.service, '--repository', repositoryName);
    expect([shown.exitCode, shown.json()]).toMatchObject([1, { error: { code: 'ENGINE_UNAVAILABLE' } }]);
  });

  it('end with the service', async () => {
    const run = follow(['--tail', '0']);
    await run.says('tick');
    await host.remove();
    expect(await run.ended).toEqual({ code: 0, signal: null });
    expect(run.stderr()).toContain('No release serves any more.');
    const { exitCode, stderr } = await logs();
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('No container of')]);
  });

  it('are elsewhere for a script and for a worker', async () => {
    const repository = createRepository();
    repository.commit({
      'launch.yml': 'targets: { edge: { runs-on: x, driver: worker }, here: { runs-on: x } }\n',
      'services/api/service.yml': 'target: edge\n',
      'services/api/wrangler.jsonc': '{ "name": "api", "main": "a.js", "env": { "edge": {} } }\n',
      'services/cron/service.yml': 'target: here\n',
      'services/cron/deploy.sh': { executable: '#!/bin/sh\necho deployed\n' },
    });
    const cwd = repository.path;
    const state = ['--state-dir', temporaryFolder()];
    const worker = await launch(['logs', 'api', ...state], { cwd });
    expect([worker.exitCode, worker.stderr]).toEqual([
      1,
      expect.stringContaining('npx wrangler tail --config services/api/wrangler.jsonc --env edge'),
    ]);
    expect((await launch(['logs', 'cron', ...state], { cwd })).stderr).toContain('SERVICE_NOT_FOUND');
    expect((await launch(['deploy', 'cron', ...state], { cwd })).exitCode).toBe(0);
    const script = await launch(['logs', 'cron', ...state], { cwd });
    expect([script.exitCode, script.stderr]).toEqual([1, expect.stringContaining('its own deploy.sh')]);
  });
});

/** The engine behind a socket of ours: cut, it looks as one that is being restarted. */
async function engineBehind(path: string): Promise<{ cut(): void }> {
  const open = new Set<Socket>();
  const server: Server = createServer((socket) => {
    const engine = connect(process.env['DOCKER_HOST']?.replace('unix://', '') ?? '/var/run/docker.sock');
    for (const it of [socket, engine]) {
      open.add(it);
      it.on('error', () => {});
      it.on('close', () => {
        open.delete(it);
        socket.destroy();
        engine.destroy();
      });
    }
    socket.pipe(engine).pipe(socket);
  });
  if (existsSync(path)) rmSync(path);
  await new Promise<void>((done) => server.listen(path, done));
  return {
    cut() {
      server.close();
      for (const it of open) it.destroy();
    },
  };
}
