import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isLocked } from '../../../src/adapters/state/flock.ts';
import { recoverHost } from '../../../src/operations/recover-host.ts';
import { remains } from '../../support/after-a-kill.ts';
import {
  createHost,
  type DeployHost,
  removeProjects,
  startDeployment,
  until,
  webHealth,
  webService,
} from '../../support/deploy-host.ts';
import { ownEngine } from '../../support/own-engine.ts';
import { recordingReporter } from '../../support/recording-reporter.ts';
import { removeRepositories, useHermeticGit } from '../../support/repository.ts';
import { requireTools } from '../../support/tools.ts';

// Only root may start an engine of its own.
const suite =
  process.getuid?.() === 0 ? requireTools('docker', 'compose', 'flock', 'dockerd', 'ip') : describe.skip;

suite('an engine that goes down in the middle of a deployment', () => {
  const engine = ownEngine();
  let host: DeployHost;
  let turn = 0;
  useHermeticGit();

  beforeAll(async () => {
    process.env['DOCKER_HOST'] = engine.host;
    await engine.start();
    engine.load('launch-test/nginx:1');
    host = await createHost();
    release('page 0');
    expect((await host.deploy()).status).toBe('deployed');
  }, 60_000);

  afterAll(async () => {
    removeProjects();
    await engine.remove();
    removeRepositories();
  });

  function release(page: string): void {
    host.commit({
      'compose.yml': webService(
        host.port,
        `    environment: { PAGE: "${page}" }\n    stop_grace_period: 1s\n    restart: unless-stopped\n`,
      ),
      'service.yml': webHealth(host.port),
      'html/index.html': page,
    });
  }

  async function startAnother() {
    turn += 1;
    release(`turn ${turn}`);
    const started = startDeployment(host.request());
    await until('compose to start', () => /effect \d+: run Start/.test(started.output()));
    return started;
  }

  async function settled(): Promise<void> {
    const end = Date.now() + 40_000;
    while (await isLocked(join(host.folder, 'lock'), process.env)) {
      if (Date.now() > end) throw new Error('the lock was not freed');
      await sleep(100);
    }
  }

  async function serves(old: string): Promise<void> {
    const end = Date.now() + 10_000;
    let served = '';
    while (Date.now() < end && served === '') {
      served = await host.get().catch(() => '');
      await sleep(100);
    }
    expect([old, `turn ${turn}`]).toContain(served);
  }

  async function deploysAgain(): Promise<void> {
    release(`after ${turn}`);
    expect((await host.deploy({ timeoutMs: 40_000 })).status).toBe('deployed');
    expect(await host.get()).toBe(`after ${turn}`);
    expect(remains(host)).toEqual([]);
  }

  it.each([0, 250, 500])(
    'restarted after %s ms of the start',
    async (after) => {
      const old = await host.get();
      const started = await startAnother();
      await sleep(after);
      await engine.stop();
      await engine.start();
      await started.ended;
      await settled();
      await serves(old);
      await deploysAgain();
    },
    90_000,
  );

  it.each([100, 400])(
    'with everything else, as a power loss does, after %s ms: the boot unit sees to it',
    async (after) => {
      const old = await host.get();
      const started = await startAnother();
      await sleep(after);
      const { guardian } = JSON.parse(readFileSync(join(host.folder, 'lock'), 'utf8'));
      process.kill(guardian, 'SIGKILL');
      started.child.kill('SIGKILL');
      await engine.crash();
      await started.ended;
      await engine.start();
      const request = { stateDir: host.stateDir, by: 'boot', hostEnv: process.env };
      const found = await recoverHost(request, recordingReporter());
      for (const { result } of found) expect(['undone', 'finished', 'dropped']).toContain(result.kind);
      await serves(old);
      await deploysAgain();
    },
    90_000,
  );
});
