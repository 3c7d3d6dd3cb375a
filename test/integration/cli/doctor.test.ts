import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { launch } from '../../support/launch-command.ts';
import { removeRepositories, temporaryFolder } from '../../support/repository.ts';
import { requireTools } from '../../support/tools.ts';

afterAll(removeRepositories);

requireTools(
  'docker',
  'compose',
  'flock',
  'node24',
)('launch doctor', () => {
  it('ends with 0 where there are warnings at most, and with 1 where something failed', async () => {
    const stateDir = temporaryFolder('launch-state-');
    const run = async (...more: string[]) =>
      await launch(['doctor', '--state-dir', stateDir, ...more], {
        cwd: temporaryFolder(),
        // Nothing listens there.
        env: { ...process.env, NODE_OPTIONS: '', GITHUB_API_URL: 'http://127.0.0.1:9' },
      });
    const well = await run('--json');
    expect({ exitCode: well.exitCode, json: well.json() }).toMatchObject({
      exitCode: 0,
      json: { healthy: true },
    });

    const service = join(stateDir, 'octo/shop/home/web');
    mkdirSync(join(service, 'releases'), { recursive: true });
    const entry = { step: 'prepare', at: '2026-01-01T00:00:00Z', release: '20260101T000000Z-abcdef0' };
    writeFileSync(join(service, 'journal'), `${JSON.stringify(entry)}\n`);
    const sick = await run('--json');
    expect({ exitCode: sick.exitCode, json: sick.json() }).toMatchObject({
      exitCode: 1,
      json: { healthy: false },
    });
    const { stdout } = await run();
    expect(stdout).toMatch(/journal of web on home\s+failed\s+the deployment of .* was cut off/);
    expect(stdout).toContain('launch recover');
  });
});
