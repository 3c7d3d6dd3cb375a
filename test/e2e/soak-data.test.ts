import { expect, it } from '@jest/globals';
import { runSoak, soakTimeoutMs } from '../support/soak.ts';
import { requireTools } from '../support/tools.ts';

requireTools(
  'docker',
  'compose',
  'flock',
  'node24',
)('npm run soak:data, for a short while', () => {
  it(
    'loses no data, mixes no configuration and leaves the database alone',
    () => {
      const { said, status } = runSoak('data', '--count', '3');
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
      expect(status).toBe(0);
    },
    soakTimeoutMs,
  );
});
