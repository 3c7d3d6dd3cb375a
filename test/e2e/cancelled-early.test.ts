import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { createHost, type DeployHost, webHealth, webService } from '../support/deploy-host.ts';
import { deploySuite } from '../support/deploy-suite.ts';
import { hermeticGitEnv } from '../support/repository.ts';
import { startAction } from '../support/run-action.ts';
import { node24 } from '../support/tools.ts';

const command = resolve(import.meta.dirname, '../../dist/cli/index.js');

/** Whether the process hears a signal that Node leaves alone: its first line has run. Before, no program can. */
function hears(pid: number): boolean {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  // SIGHUP is the lowest bit.
  return (Number.parseInt(/SigCgt:\s*\w*(\w)/.exec(status)?.[1] ?? '0', 16) & 1) === 1;
}

/** As a terminal sends Ctrl-C: to Launch and to everything that it has started in its process group. */
async function interrupt(pid: number, afterMs: number, signal: NodeJS.Signals): Promise<void> {
  for (const end = Date.now() + 10_000; !hears(pid) && Date.now() < end; ) await sleep(1);
  await sleep(afterMs);
  process.kill(-pid, signal);
}

/** From the first line of the program to the middle of the start of the containers. */
const moments = [0, 100, 150, 200, 300, 600].map((ms) => [ms] as const);

deploySuite('node24')('a run that is cancelled as soon as it has started', () => {
  async function shop(): Promise<DeployHost> {
    const host = await createHost();
    host.commit({
      'compose.yml': webService(host.port),
      'service.yml': webHealth(host.port),
      'html/index.html': 'one',
    });
    return host;
  }

  /** What was said must be true. 1: nothing was changed; 4: it had begun, and nothing ran before it. */
  async function expectTruth(host: DeployHost, exitCode: number | null, said: string) {
    expect(said).toContain('CANCELLED');
    expect([1, 4]).toContain(exitCode);
    expect(said).not.toMatch(/_UNAVAILABLE|DEPLOY_FAILED|unexpectedly|guardian/i);
    const releases = join(host.folder, 'releases');
    if (exitCode === 1 && existsSync(releases)) expect(readdirSync(releases)).toEqual([]);
    const journal = join(host.folder, 'journal');
    expect(existsSync(journal) ? readFileSync(journal, 'utf8') : '').toBe('');
    const left = containersOf(host);
    // A busy engine makes a container that was asked for when the way back is done already: it never runs.
    expect(left.filter(({ status }) => status !== 'created')).toEqual([]);
    if (left.length === 0) return;
    expect((await host.deploy()).status).toBe('deployed');
    expect(containersOf(host)).toEqual([{ id: expect.any(String), status: 'running' }]);
    expect(left.map(({ id }) => id)).not.toContain(containersOf(host)[0]?.id);
  }

  const containersOf = (host: DeployHost) =>
    host
      .docker('ps', '--all', '--filter', `name=${host.service}`, '--format', '{{.ID}} {{.State}}')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => ({ id: line.split(' ')[0], status: line.split(' ')[1] }));

  async function deployAtTerminal(host: DeployHost, afterMs: number, signal: NodeJS.Signals) {
    const args = ['deploy', host.service, '--state-dir', host.stateDir];
    const child = spawn(node24(), [command, ...args], {
      cwd: host.repository.path,
      env: { ...hermeticGitEnv(), ...process.env, NODE_OPTIONS: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
    }
    const ended = new Promise<number | null>((done) => child.once('close', done));
    await interrupt(child.pid ?? 0, afterMs, signal);
    return { exitCode: await ended, said };
  }

  it.each(moments)('at a terminal, %d ms after its first line, says so', async (ms) => {
    const host = await shop();
    host.repository.git('remote', 'add', 'origin', 'https://github.com/octo/shop.git');
    const { exitCode, said } = await deployAtTerminal(host, ms, 'SIGINT');
    await expectTruth(host, exitCode, said);
  });

  it.each(['SIGTERM', 'SIGHUP'] as const)('by %s says so', async (signal) => {
    for (const ms of [0, 200]) {
      const host = await shop();
      host.repository.git('remote', 'add', 'origin', 'https://github.com/octo/shop.git');
      const { exitCode, said } = await deployAtTerminal(host, ms, signal);
      await expectTruth(host, exitCode, said);
    }
  });

  it.each(moments)('as an action, %d ms after its first line, says so', async (ms) => {
    const host = await shop();
    const action = startAction('compose-deploy', {
      inputs: { service: host.service, 'state-dir': host.stateDir },
      cwd: host.repository.path,
      ownGroup: true,
    });
    await interrupt(action.pid, ms, 'SIGINT');
    const { exitCode, stdout, annotations } = await action.result;
    expect(annotations.filter(({ level, title }) => level === 'error' && title !== 'CANCELLED')).toEqual([]);
    expect(exitCode).toBe(1);
    // An action has no status but 0 and 1.
    await expectTruth(host, stdout.includes('failed: The run was cancelled') ? 4 : exitCode, stdout);
  });
});
