import { expect, it } from '@jest/globals';
import { runSoak, soakTimeoutMs } from '../support/soak.ts';
import { requireTools } from '../support/tools.ts';

/** A boot of 1 s, so that a request that comes too early is seen. How long it takes is for the soak on a quiet machine. */
function soak(strategy: string, updates: number) {
  return runSoak('updates', '--strategy', strategy, '--updates', String(updates), '--boot', '1');
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
      const { said, status } = soak(strategy, updates);
      expect(said).toMatch(/failed +0 \{\}\n/);
      expect(said).not.toContain('MISSED');
      expect(status).toBe(0);
    },
    soakTimeoutMs,
  );

  it(
    'recreate: the outage beside that of docker compose is measured',
    () => {
      const { said, status } = soak('recreate', 2);
      expect(said).toMatch(/outage of launch +median \d+ ms/);
      expect(said).toMatch(/outage of docker compose up -d +median \d+ ms/);
      expect(said).not.toContain('MISSED');
      expect(status).toBe(0);
    },
    soakTimeoutMs,
  );
});
