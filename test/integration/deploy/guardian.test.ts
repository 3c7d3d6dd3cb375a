import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { isLocked } from '../../../src/adapters/state/flock.ts';
import { breakLock } from '../../../src/operations/break-lock.ts';
import { recoverHost } from '../../../src/operations/recover-host.ts';
import { remains } from '../../support/after-a-kill.ts';
import {
  createHost,
  type DeployHost,
  repositoryName,
  startDeployment,
  until,
  webHealth,
  webService,
} from '../../support/deploy-host.ts';
import { deploySuite } from '../../support/deploy-suite.ts';
import { recordingReporter } from '../../support/recording-reporter.ts';

const suite = deploySuite();

function release(host: DeployHost, page: string, extra = ''): void {
  host.commit({
    'compose.yml': webService(
      host.port,
      `    environment: { PAGE: "${page}" }\n    stop_grace_period: 1s\n${extra}`,
    ),
    'service.yml': webHealth(host.port),
    'html/index.html': page,
  });
}

/** A deployment that waits for a health that never comes. */
async function hang(host: DeployHost) {
  release(host, 'never healthy');
  host.commit({ 'service.yml': `health: [{ http: "http://127.0.0.1:${host.port}/never", timeout: 60s }]\n` });
  const hanging = startDeployment(host.request({ by: 'bob' }));
  await until('the release to be verified', () => hanging.output().includes('/never: attempt'));
  return hanging;
}

const lockOf = (host: DeployHost) => join(host.folder, 'lock');
const owner = (host: DeployHost) => JSON.parse(readFileSync(lockOf(host), 'utf8'));
const history = (host: DeployHost) => readFileSync(join(host.folder, 'history.ndjson'), 'utf8');

async function untilFree(host: DeployHost): Promise<void> {
  const end = Date.now() + 20_000;
  while (await isLocked(lockOf(host), process.env)) {
    if (Date.now() > end) throw new Error('the lock was not freed');
    await sleep(50);
  }
}

suite('the guardian of a deployment', () => {
  it('is a session of its own without secrets, holds the lock, and goes with the deployment', async () => {
    const host = await createHost();
    release(host, 'good');
    await host.deploy();
    const hanging = await hang(host);
    const { pid, guardian } = owner(host);
    expect(pid).toBe(hanging.child.pid);
    const stat = readFileSync(`/proc/${guardian}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    // The fourth of these is the session: its own.
    expect(Number(stat[3])).toBe(guardian);
    const environ = readFileSync(`/proc/${guardian}/environ`, 'utf8');
    expect(environ).not.toMatch(/RUNNER_|GITHUB_|INPUT_|LAUNCH_/);
    hanging.child.kill('SIGKILL');
    await hanging.ended;
    expect(await isLocked(lockOf(host), process.env)).toBe(true);
    await untilFree(host);
    expect(await host.get()).toBe('good');
    expect(history(host)).toContain('"reason":"interrupted"');
    release(host, 'good');
    expect((await host.deploy()).status).toBe('unchanged');
    expect(host.warnings.join('\n')).toContain('interrupted before it was known to be healthy');
  });

  it('brings the service back within seconds, wherever compose was killed', async () => {
    const host = await createHost();
    release(host, 'page 0');
    await host.deploy();
    for (const after of [0, 100, 200, 300, 400, 600]) {
      release(host, `after ${after}`);
      const cut = startDeployment(host.request());
      await until('compose to start', () => /effect \d+: run Start/.test(cut.output()));
      await sleep(after);
      cut.child.kill('SIGKILL');
      await cut.ended;
      await untilFree(host);
      expect(await host.get()).toMatch(/^(page 0|after \d+)$/);
    }
    release(host, 'last');
    expect((await host.deploy()).status).toBe('deployed');
    expect(remains(host)).toEqual([]);
  });
});

suite('a host on which a deployment and its guardian were killed', () => {
  it.each([
    ['journal verified', 'undone', 'page 0'],
    ['set current', 'finished', 'page 1'],
    ['run Start', 'undone', 'page 0'],
  ])('before "%s": recover leaves it %s', async (effect, kind, served) => {
    const host = await createHost();
    release(host, 'page 0');
    const dry = startDeployment(host.request());
    await dry.ended;
    release(host, 'page 1');
    const probe = Array.from(dry.output().matchAll(/^effect (\d+): (.*)$/gm));
    // A second release has one effect more: the copy of the container that runs.
    const at = Number(probe.find(([, , name]) => name?.startsWith(effect))?.[1]) + 1;
    const point = { killAt: at, killGuardian: true, lock: lockOf(host) };
    const killed = startDeployment(host.request(), point);
    await killed.ended;
    expect(killed.output()).toMatch(new RegExp(`effect ${at}: ${effect}.*\n$`));
    // The kernel frees the lock when it has cleared away those who were killed.
    await untilFree(host);
    const found = await recoverHost(
      { stateDir: host.stateDir, by: 'boot', hostEnv: process.env },
      recordingReporter(),
    );
    expect(found).toMatchObject([{ service: host.service, target: 'homelab', result: { kind } }]);
    expect(await host.get()).toBe(served);
    expect(remains(host)).toEqual([]);
    expect(
      await recoverHost({ stateDir: host.stateDir, by: 'boot', hostEnv: process.env }, recordingReporter()),
    ).toEqual([]);
  });
});

suite('a lock whose holder hangs', () => {
  const request = (host: DeployHost) => ({
    repository: repositoryName,
    target: 'homelab',
    service: host.service,
    stateDir: host.stateDir,
    hostEnv: process.env,
    by: 'ann@here',
    reason: 'hangs since noon',
  });

  it.each([false, true])(
    'is broken by force, and the service put right (guardian hangs: %s)',
    async (both) => {
      const host = await createHost();
      release(host, 'good');
      await host.deploy();
      const hanging = await hang(host);
      const { pid, guardian } = owner(host);
      hanging.child.kill('SIGSTOP');
      if (both) process.kill(guardian, 'SIGSTOP');
      expect(await breakLock({ ...request(host), force: false }, recordingReporter())).toMatchObject({
        kind: 'held',
        owner: { who: expect.stringMatching(/^bob@/) },
        pids: expect.arrayContaining([pid, guardian]),
      });
      const broken = await breakLock(
        { ...request(host), force: true, guardianMs: both ? 500 : undefined },
        recordingReporter(),
      );
      expect(broken).toMatchObject({ kind: 'broken', recovered: { kind: both ? 'undone' : 'nothing' } });
      await hanging.ended;
      expect(await host.get()).toBe('good');
      expect(history(host)).toMatch(/"status":"unlocked".*held by bob@.*hangs since noon/);
      expect(await breakLock({ ...request(host), force: true }, recordingReporter())).toEqual({
        kind: 'free',
      });
      release(host, 'next');
      expect((await host.deploy()).status).toBe('deployed');
      expect(remains(host)).toEqual([]);
    },
  );
});

suite('different services', () => {
  it('deploy at the same time on one host', async () => {
    const host = await createHost();
    release(host, 'good');
    await host.deploy();
    const hanging = await hang(host);
    const other = await createHost();
    release(other, 'other');
    expect((await other.deploy({ stateDir: host.stateDir })).status).toBe('deployed');
    expect(hanging.child.exitCode).toBeNull();
    hanging.child.kill('SIGKILL');
    await hanging.ended;
    await untilFree(host);
  });
});
