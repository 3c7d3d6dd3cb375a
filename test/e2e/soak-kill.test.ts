import { expect, it } from '@jest/globals';
import { runSoak, soakTimeoutMs } from '../support/soak.ts';
import { requireTools } from '../support/tools.ts';

requireTools(
  'docker',
  'compose',
  'flock',
  'node24',
)('npm run soak:kill, for a short while', () => {
  it(
    'loses no service, leaves nothing behind and needs no hand',
    () => {
      const { said, status } = runSoak('kill', '--count', '12');
      expect(said).toMatch(/lost services +0\nmanual steps +0\nleftovers +0\n/);
      expect(status).toBe(0);
    },
    soakTimeoutMs,
  );
});
