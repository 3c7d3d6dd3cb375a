import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { launch } from '../../support/launch-command.ts';
import { createRepository, removeRepositories, temporaryFolder } from '../../support/repository.ts';

afterAll(removeRepositories);

it('what the Tab key asks for is there before one notices', async () => {
  const repository = createRepository();
  const folders = Array.from({ length: 100 }, (_, n) => `services/service-${n}/deploy.sh`);
  repository.commit({
    'launch.yml': 'targets: { homelab: { runs-on: homelab } }\n',
    ...Object.fromEntries(folders.map((path) => [path, ''])),
  });
  const stateDir = temporaryFolder('launch-state-');
  for (let n = 0; n < 100; n += 1) {
    mkdirSync(join(stateDir, `local/shop/homelab/deployed-${n}`), { recursive: true });
  }
  const times: number[] = [];
  for (let i = 0; i < 7; i += 1) {
    const start = performance.now();
    const { stdout } = await launch(['__complete', '--', 'deploy', '--state-dir', stateDir, ''], {
      cwd: repository.path,
    });
    times.push(performance.now() - start);
    expect(stdout.split('\n').length).toBeGreaterThan(100);
  }
  expect(Math.min(...times)).toBeLessThan(200);
});
