import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { ROOT } from '../support/source-tree.ts';
import { node24, requireTools } from '../support/tools.ts';

/** A boot of 1 s, so that a request that comes too early is seen. */
function soak(strategy: string, updates: number) {
  const args = ['--strategy', strategy, '--updates', String(updates), '--boot', '1', '--check'];
  return spawnSync(node24(), [join(ROOT, 'bench/soak-updates.ts'), ...args], {
    encoding: 'utf8',
    timeout: 170_000,
    env: { ...process.env, NODE_OPTIONS: '' },
  });
}

requireTools(
  'docker',
  'compose',
  'flock',
  'caddy',
  'node24',
)('npm run soak:blue-green, soak:rolling and soak:recreate, for a short while', () => {
  it.each([
    ['blue-green', 3],
    ['rolling', 2],
  ])(
    '%s: no request fails, none comes too early',
    (strategy, updates) => {
      const { stdout, stderr, status } = soak(strategy, updates);
      expect(`${stdout}${stderr}`).toMatch(/failed +0 \{\}\nfailed probes +0\n/);
      expect(`${stdout}${stderr}`).not.toContain('MISSED');
      expect(status).toBe(0);
    },
    180_000,
  );

  it('recreate: as short an outage as that of docker compose', () => {
    const { stdout, stderr, status } = soak('recreate', 2);
    expect(`${stdout}${stderr}`).toMatch(/outage of launch +median \d+ ms/);
    expect(`${stdout}${stderr}`).not.toContain('MISSED');
    expect(status).toBe(0);
  }, 180_000);
});
