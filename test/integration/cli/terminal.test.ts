import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { launch } from '../../support/launch-command.ts';
import { closeServers, httpServer } from '../../support/local-server.ts';
import {
  createRepository,
  type Repository,
  removeRepositories,
  temporaryFolder,
  useHermeticGit,
} from '../../support/repository.ts';
import { node24, requireTools } from '../../support/tools.ts';

useHermeticGit();
afterAll(closeServers);
afterAll(removeRepositories);

const command = join(import.meta.dirname, '../../../dist/cli/index.js');
const names = ['alpha', 'beta', 'gamma', 'delta', 'epsilon'];

requireTools('flock', 'script')('what is shown of a machine', () => {
  let repository: Repository;
  let stateDir = '';
  const silent = new Set<string>();

  beforeAll(async () => {
    repository = createRepository();
    stateDir = temporaryFolder();
    const { port } = await httpServer((request, response) => {
      if (!silent.has(request.url ?? '')) response.end('well');
    });
    const services = names.map((name) => [
      [`services/${name}/deploy.sh`, { executable: '#!/bin/sh\necho deployed\n' }],
      [`services/${name}/service.yml`, `health: [{ http: "http://127.0.0.1:${port}/${name}" }]\n`],
    ]);
    repository.commit({
      'launch.yml': 'targets: { homelab: { runs-on: x } }\ndefaults: { target: homelab }\n',
      ...Object.fromEntries(services.flat()),
    });
    const deployed = await run('deploy', '--all', '--state-dir', stateDir);
    expect([deployed.exitCode, deployed.stderr]).toEqual([0, expect.any(String)]);
    // Elsewhere than on a terminal nothing is coloured.
    expect(deployed.stdout + deployed.stderr).not.toContain('\u001b');
  });

  const run = async (...args: string[]) => await launch(args, { cwd: repository.path });

  /** Without the line ends of a terminal. Not waited for in one go: the server of the checks is in this process. */
  const onTerminal = async (columns: number, args: string, env: NodeJS.ProcessEnv = {}) => {
    const line = `stty cols ${columns}; '${node24()}' '${command}' ${args} --state-dir '${stateDir}'`;
    const child = spawn('script', ['-qc', line, '/dev/null'], {
      cwd: repository.path,
      env: { PATH: process.env['PATH'], HOME: stateDir, TERM: 'xterm', ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    return (await text(child.stdout)).replaceAll('\r\n', '\n');
  };

  it('is plain elsewhere, unless colours are asked for', async () => {
    const { stdout } = await run('status', '--state-dir', stateDir);
    expect(stdout).toMatch(/^SERVICE +TARGET +RELEASE +COMMIT +AGE +HEALTH +DRIFT +FROZEN\n/);
    expect(stdout).not.toContain('\u001b');
    const coloured = await launch(['status', '--state-dir', stateDir], {
      cwd: repository.path,
      env: { FORCE_COLOR: '1' },
    });
    expect(coloured.stdout).toContain('\u001b[32mhealthy\u001b[39m');
  });

  it('fails for a service that is not there, beside one that is', async () => {
    const [first = ''] = names;
    const { exitCode, stdout, stderr } = await run('status', first, 'wbsite', '--state-dir', stateDir);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 1 });
    expect(stdout).toContain(first);
    expect(stderr).toContain('Nothing of "wbsite" was deployed on this machine.');
  });

  it('has colours by state on a terminal, and none with NO_COLOR', async () => {
    expect(await onTerminal(120, 'status')).toContain('\u001b[32mhealthy\u001b[39m');
    expect(await onTerminal(120, 'status', { NO_COLOR: '1' })).not.toContain('\u001b');
  });

  it.each(['status', 'history'])('fits a narrow terminal: %s', async (what) => {
    const wide = await onTerminal(200, what, { NO_COLOR: '1' });
    expect(wide).toMatch(/TARGET.*COMMIT/);
    const narrow = await onTerminal(64, what, { NO_COLOR: '1' });
    const lines = narrow.trimEnd().split('\n');
    expect(lines.length).toBeGreaterThanOrEqual(names.length + 1);
    expect(lines.filter((line) => line.length > 64)).toEqual([]);
    expect(lines[0]).toMatch(/^SERVICE +.*RELEASE/);
    expect(lines[0]).not.toContain('COMMIT');
    for (const name of names) expect(narrow).toContain(name);
    // Every other command still tells all to a program.
    expect(await onTerminal(10, what, { NO_COLOR: '1' })).toContain('…');
  });

  it('is the history of all services, newest first', async () => {
    const found = await run('history', '--limit', '3', '--json', '--state-dir', stateDir);
    const json = found.json();
    expect(json).toMatchObject({ stateRoot: stateDir, deployments: [{}, {}, {}] });
    const { stdout } = await run('history', '--state-dir', stateDir);
    for (const name of names) expect(stdout).toMatch(new RegExp(`^${name} +homelab +\\d{8}T`, 'm'));
    const times = Array.from(stdout.matchAll(/\d{8}T\d{6}Z/g), ([time]) => time);
    expect(times).toEqual(times.toSorted().reverse());
    expect((await run('history', '--target', 'other', '--state-dir', stateDir)).stdout).toContain(
      'Nothing was deployed',
    );
  });

  it('is told of those that answer, whoever does not', async () => {
    for (const name of ['alpha', 'gamma', 'delta']) silent.add(`/${name}`);
    const { exitCode, json } = await run('status', '--json', '--state-dir', stateDir);
    expect(exitCode).toBe(1);
    const unhealthy = { health: 'unhealthy', detail: expect.stringContaining('no answer within') };
    expect(json()).toMatchObject({
      services: [
        { service: 'alpha', ...unhealthy },
        { service: 'beta', health: 'healthy', detail: '' },
        { service: 'delta', ...unhealthy },
        { service: 'epsilon', health: 'healthy', detail: '' },
        { service: 'gamma', ...unhealthy },
      ],
    });
    expect(await onTerminal(120, 'status')).toContain('\u001b[31munhealthy\u001b[39m');
  });
});
