import { describe, expect, it } from '@jest/globals';
import { nothingRemoved, removalSummary } from '../../../../src/core/deploy/removal-result.ts';

describe('nothingRemoved', () => {
  it('is told as nothing to take down, and names nothing that went or stayed', () => {
    const summary = removalSummary({
      ...nothingRemoved,
      service: 'wiki',
      target: 'homelab',
      durationMs: 1200,
    });
    expect(summary).toContain('### ✅ Nothing to take down: wiki on homelab');
    expect(summary).not.toMatch(/Was|Commit|Containers|Volumes|Data kept|finds its data/);
  });
});
