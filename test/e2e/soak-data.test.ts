import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { ROOT } from '../support/source-tree.ts';
import { node24, requireTools } from '../support/tools.ts';

requireTools(
  'docker',
  'compose',
  'flock',
  'node24',
)('npm run soak:data, for a short while', () => {
  it('loses no data, mixes no configuration and leaves the database alone', () => {
    const soak = spawnSync(node24(), [join(ROOT, 'bench/soak-data.ts'), '--count', '3'], {
      encoding: 'utf8',
      timeout: 170_000,
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    const said = `${soak.stdout}${soak.stderr}`;
    expect(said).toMatch(/^kills +3$/m);
    expect(said).toMatch(/^rollbacks +3$/m);
    for (const fault of [
      'lines of data lost',
      'configuration of another release',
      'database containers made anew',
      'wrong or no page served',
      'leftovers and steps that failed',
    ]) {
      expect(said).toMatch(new RegExp(`^${fault} +0$`, 'm'));
    }
    expect(soak.status).toBe(0);
  }, 180_000);
});
