import { expect, it } from '@jest/globals';
import { runSoak, soakTimeoutMs } from '../support/soak.ts';
import { requireTools } from '../support/tools.ts';

requireTools('node24')('npm run soak:gpu, for a short while', () => {
  it(
    'leaves no instance that nothing can find, and the next run adopts what is left',
    () => {
      const { said, status } = runSoak('gpu', '--count', '15', '--parallel', '3');
      expect(said).toMatch(/cancelled runs +15 .*\ninstances that nothing can find 0\n/);
      expect([status, said]).toEqual([0, expect.stringContaining('\nfine\n')]);
    },
    soakTimeoutMs,
  );
});
