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
)('npm run soak:queue, with few runs', () => {
  it('deploys one at a time and in order, loses none, and lets no older commit win', () => {
    const soak = spawnSync(node24(), [join(ROOT, 'bench/soak-queue.ts'), '--count', '8'], {
      encoding: 'utf8',
      timeout: 170_000,
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    const said = `${soak.stdout}${soak.stderr}`;
    expect(said.match(/^lost +0$/gm)).toHaveLength(2);
    expect(said.match(/^older commits refused +3 of 3, and deployed by force: true$/gm)).toHaveLength(2);
    expect(said).toMatch(/^wrong +0$/m);
    expect(soak.status).toBe(0);
  }, 180_000);
});
