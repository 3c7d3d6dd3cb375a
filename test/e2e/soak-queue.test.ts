import { expect, it } from '@jest/globals';
import { runSoak, soakTimeoutMs } from '../support/soak.ts';
import { requireTools } from '../support/tools.ts';

requireTools(
  'docker',
  'compose',
  'flock',
  'node24',
)('npm run soak:queue, with few runs', () => {
  it(
    'deploys one at a time and in order, loses none, and lets no older commit win',
    () => {
      const { said, status } = runSoak('queue', '--count', '8');
      expect(said.match(/^lost +0$/gm)).toHaveLength(2);
      expect(said.match(/^older commits refused +3 of 3, and deployed by force: true$/gm)).toHaveLength(2);
      expect(said).toMatch(/^wrong +0$/m);
      expect(status).toBe(0);
    },
    soakTimeoutMs,
  );
});
