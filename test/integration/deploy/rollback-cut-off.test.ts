import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, it } from '@jest/globals';
import { isLocked } from '../../../src/adapters/state/flock.ts';
import {
  createHost,
  type DeployHost,
  startDeployment,
  webHealth,
  webService,
} from '../../support/deploy-host.ts';
import { deploySuite } from '../../support/deploy-suite.ts';

deploySuite()('a rollback that is killed', () => {
  let host: DeployHost;
  const freeze = () => join(host.folder, 'frozen.json');

  beforeAll(async () => {
    host = await createHost();
    for (const page of ['one', 'two']) {
      host.commit({
        'compose.yml': webService(
          host.port,
          `    environment: { PAGE: "${page}" }\n    stop_grace_period: 1s\n`,
        ),
        'service.yml': webHealth(host.port),
        'html/index.html': page,
      });
      expect((await host.deploy()).status).toBe('deployed');
    }
  });

  async function killedBefore(effect: string): Promise<string> {
    const killed = startDeployment(host.request(), { killAt: effect, rollback: true });
    await killed.ended;
    expect(killed.output()).toMatch(new RegExp(`effect \\d+: ${effect}.*\n$`));
    const end = Date.now() + 20_000;
    while (await isLocked(join(host.folder, 'lock'), process.env)) {
      if (Date.now() > end) throw new Error('the lock was not freed');
      await sleep(50);
    }
    expect(existsSync(join(host.folder, 'journal'))).toBe(false);
    return await host.get();
  }

  it('is undone by its guardian before it was healthy, and nothing is frozen', async () => {
    expect(await killedBefore('journal verified')).toBe('two');
    expect(existsSync(freeze())).toBe(false);
  });

  it('is finished by its guardian once it was, with the freeze; a newer commit ends that', async () => {
    expect(await killedBefore('set current')).toBe('one');
    expect(existsSync(freeze())).toBe(true);
    host.commit({ 'html/index.html': 'three' });
    expect((await host.deploy()).status).toBe('deployed');
    expect(await host.get()).toBe('three');
    expect(existsSync(freeze())).toBe(false);
  });

  it('goes to an older commit, which is never called superseded', async () => {
    expect((await host.rollback()).status).toBe('deployed');
    expect(await host.get()).toBe('one');
  });
});
