import { execFileSync, spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { LaunchError } from '../../../src/core/errors.ts';
import { remains } from '../../support/after-a-kill.ts';
import { createHost, type DeployHost, webHealth, webService } from '../../support/deploy-host.ts';
import { deploySuite } from '../../support/deploy-suite.ts';

const mounted: string[] = [];
afterAll(() => {
  for (const folder of mounted) execFileSync('umount', ['--lazy', folder]);
});

// Only root may mount a small disk of its own.
const suite = deploySuite('root');

// Below 256 KiB no deployment begins; what is above that may still not be enough.
const roomKb = [0, 128, 256, 272, 288, 304, 352];

function release(host: DeployHost, page: string): void {
  host.commit({
    'compose.yml': webService(host.port, `    environment: { PAGE: "${page}" }\n    stop_grace_period: 1s\n`),
    'service.yml': webHealth(host.port),
    'html/index.html': page,
  });
}

suite('a disk that is full', () => {
  it('at any point of a deployment: it says so or puts back, and the service goes on', async () => {
    const host = await createHost();
    const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', host.stateDir]);
    if (mount.status !== 0) return;
    mounted.push(host.stateDir);
    release(host, 'good');
    expect((await host.deploy({ keepReleases: 1 })).status).toBe('deployed');
    const filler = join(host.stateDir, 'filler');
    const wrong: string[] = [];
    const seen = new Set<string>();
    for (const freeKb of roomKb) {
      const old = await host.get();
      const fresh = `with ${freeKb} KB`;
      release(host, fresh);
      fill(host.stateDir, filler, freeKb);
      const outcome = await host.deploy({ keepReleases: 1 }).then(
        (result) => result.status,
        (error) => (error instanceof LaunchError ? error.code : String(error)),
      );
      seen.add(outcome);
      const served = await host.get().catch((error) => String(error));
      if (!['deployed', 'rolled-back', 'DISK_FULL'].includes(outcome)) wrong.push(`${freeKb} KB: ${outcome}`);
      if (served !== old && served !== fresh) wrong.push(`${freeKb} KB: "${served}" is served`);
      if (outcome === 'deployed' && served !== fresh) wrong.push(`${freeKb} KB: deployed, but not served`);
      rmSync(filler);
      release(host, `after ${freeKb} KB`);
      const next = await host.deploy({ keepReleases: 1, timeoutMs: 60_000 });
      if (next.status !== 'deployed') wrong.push(`${freeKb} KB, then: ${next.status}`);
      wrong.push(...remains(host).map((it) => `${freeKb} KB: ${it}`));
    }
    expect(wrong).toEqual([]);
    expect([...seen]).toEqual(expect.arrayContaining(['DISK_FULL', 'deployed']));
  }, 240_000);
});

/** Leaves so much room. */
function fill(disk: string, filler: string, freeKb: number): void {
  const available = Number(
    execFileSync('df', ['--output=avail', '--block-size=1K', disk], { encoding: 'utf8' }).split('\n')[1],
  );
  writeFileSync(filler, Buffer.alloc(Math.max(0, available - freeKb) * 1024));
}
