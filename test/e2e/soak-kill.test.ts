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
)('npm run soak:kill, for a short while', () => {
  it('loses no service, leaves nothing behind and needs no hand', () => {
    const soak = spawnSync(node24(), [join(ROOT, 'bench/soak-kill.ts'), '--count', '12'], {
      encoding: 'utf8',
      timeout: 170_000,
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    expect(`${soak.stdout}${soak.stderr}`).toMatch(/lost services +0\nmanual steps +0\nleftovers +0\n/);
    expect(soak.status).toBe(0);
  }, 180_000);
});
