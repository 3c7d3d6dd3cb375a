import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { isLocked } from '../../../src/adapters/state/flock.ts';
import { remains } from '../../support/after-a-kill.ts';
import {
  createHost,
  type DeployHost,
  removeProjects,
  startDeployment,
  webHealth,
  webService,
} from '../../support/deploy-host.ts';
import { removeRepositories, useHermeticGit } from '../../support/repository.ts';
import { requireTools } from '../../support/tools.ts';

useHermeticGit();
afterAll(() => {
  removeProjects();
  removeRepositories();
});

const suite = requireTools('docker', 'compose', 'flock');

// All of them take minutes: LAUNCH_KILL_POINTS=all goes through every one, else
// those before which the journal has just been, or is about to be, written.
const all = process.env['LAUNCH_KILL_POINTS'] === 'all';

function release(host: DeployHost, page: string): void {
  host.commit({
    'compose.yml': webService(host.port, `    environment: { PAGE: "${page}" }\n    stop_grace_period: 1s\n`),
    'service.yml': webHealth(host.port),
    'html/index.html': page,
  });
}

suite('a deployment that is killed before each of its effects', () => {
  let host: DeployHost;
  let effects: string[];
  let turn = 0;

  beforeAll(async () => {
    host = await createHost();
    release(host, 'page 0');
    await host.deploy();
    release(host, 'page 1');
    const whole = startDeployment(host.request());
    await whole.ended;
    effects = Array.from(whole.output().matchAll(/^effect \d+: (.*)$/gm), ([, name = '']) => name);
  });

  it('has effects to be killed before', () => {
    expect(effects).toEqual(expect.arrayContaining(['journal start', 'journal verified', 'set current']));
    expect(effects.length).toBeGreaterThan(12);
  });

  for (const killGuardian of [false, true]) {
    it(`is undone or finished, ${killGuardian ? 'its guardian killed, too: by the next run' : 'by its guardian'}`, async () => {
      const wrong: string[] = [];
      for (const [at, effect] of effects.entries()) {
        const isNear = [at - 1, at].some((it) => effects[it]?.startsWith('journal') === true);
        if (!all && !isNear) continue;
        const found = await killBefore(at + 1, killGuardian);
        wrong.push(...found.map((it) => `killed before "${effect}" (${at + 1}): ${it}`));
      }
      expect(wrong).toEqual([]);
    }, 900_000);
  }

  async function killBefore(killAt: number, killGuardian: boolean): Promise<string[]> {
    const old = await host.get();
    turn += 1;
    const fresh = `turn ${turn}`;
    release(host, fresh);
    const lock = join(host.folder, 'lock');
    const killed = startDeployment(host.request(), { killAt, killGuardian, lock });
    await killed.ended;
    const found: string[] = [];
    if (!killed.output().includes(`effect ${killAt}: `)) return ['that effect was not reached'];
    if (!killGuardian) {
      await untilFree(lock);
      const served = await host.get().catch((error) => String(error));
      if (served !== old && served !== fresh) found.push(`without another run "${served}" is served`);
    }
    // As it was, or the new one: either may be what is deployed next.
    release(host, turn % 2 === 0 ? fresh : `after ${turn}`);
    const result = await host.deploy();
    if (!['deployed', 'unchanged'].includes(result.status)) found.push(`the next run: ${result.status}`);
    const served = await host.get();
    if (served !== (turn % 2 === 0 ? fresh : `after ${turn}`)) found.push(`then "${served}" is served`);
    const history = readFileSync(join(host.folder, 'history.ndjson'), 'utf8').trim().split('\n');
    const ids = history.map((line) => JSON.parse(line).release);
    if (new Set(ids).size !== ids.length) found.push('a release is twice in the history');
    return [...found, ...remains(host)];
  }
});

async function untilFree(lock: string): Promise<void> {
  const end = Date.now() + 30_000;
  while (await isLocked(lock, process.env)) {
    if (Date.now() > end) throw new Error('the lock was not freed');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
