import { describe, expect, it } from '@jest/globals';
import {
  asEntries,
  parseRemovals,
  reachableRemovals,
} from '../../../../src/core/routing/reachable-removals.ts';
import type { RunnerMatch } from '../../../../src/core/routing/runner-match.ts';

const job = (service: string, target: string) => ({
  service,
  target,
  'runs-on': ['self-hosted', target],
  environment: 'e',
});
const given = {
  first: { include: [job('old', 'homelab'), job('older', 'aws')] },
  last: { include: [job('gone', 'aws')] },
};

describe('removals', () => {
  it('of a target without a runner are left out and named; the others keep all they carry', () => {
    const removals = parseRemovals(JSON.stringify(given));
    expect(asEntries(removals).map(({ service, target }) => [service, target.runsOn])).toEqual([
      ['old', ['self-hosted', 'homelab']],
      ['older', ['self-hosted', 'aws']],
      ['gone', ['self-hosted', 'aws']],
    ]);
    const checks = new Map<string, RunnerMatch>([['aws', { kind: 'offline', runners: ['b'] }]]);
    expect(reachableRemovals(removals, checks)).toEqual({
      removals: { first: { include: [given.first.include[0]] }, last: { include: [] } },
      unreachable: ['older', 'gone'].map((service) => ({
        service,
        target: 'aws',
        reason: 'It was to be taken down. The target "aws" has no runner online: b offline.',
      })),
    });
    expect(reachableRemovals(removals, new Map())).toEqual({ removals: given, unreachable: [] });
  });

  it('are none where none are given, and an error where they are something else', () => {
    expect(parseRemovals(undefined)).toEqual({ first: { include: [] }, last: { include: [] } });
    for (const text of ['', '[]', '{"first": {}}', 'x']) {
      expect(() => parseRemovals(text)).toThrow(/`removals` holds no removals/);
    }
  });
});
