import { describe, expect, it } from '@jest/globals';
import { LaunchError } from '../../../../src/core/errors.ts';
import {
  type CheckOutcome,
  describeOutcome,
  failedChecks,
  healthFailure,
  healthSummary,
  summarizeChecks,
} from '../../../../src/core/health/report.ts';

const healthy: CheckOutcome = {
  label: 'tcp db:5432',
  attempts: 3,
  elapsedMs: 1200,
  latencyMs: 4,
  outcome: 'healthy',
};
const sick: CheckOutcome = {
  label: 'http http://x/<b>',
  attempts: 5,
  elapsedMs: 9000,
  latencyMs: undefined,
  outcome: 'unhealthy',
  why: 'status 503 instead of 200: "a|b"',
  reasons: [
    { reason: 'the connection was refused', count: 2 },
    { reason: 'status 503 instead of 200: "a|b"', count: 3 },
  ],
};
const abandoned: CheckOutcome = { ...healthy, latencyMs: 90, outcome: 'abandoned', reasons: [] };

describe('the health report', () => {
  it('is healthy only when every check is', () => {
    expect(summarizeChecks([healthy, healthy], 1300)).toMatchObject({
      healthy: true,
      attempts: 6,
      latencyMs: 4,
      elapsedMs: 1300,
    });
    expect(summarizeChecks([healthy, sick], 1).healthy).toBe(false);
    expect(summarizeChecks([abandoned], 1).healthy).toBe(false);
    expect(summarizeChecks([sick], 1).latencyMs).toBeUndefined();
  });

  it('says of each check what it took', () => {
    expect(describeOutcome(healthy)).toBe(
      'tcp db:5432: healthy after 3 attempts in 1.2 s; the last took 4 ms',
    );
    expect(describeOutcome(sick)).toBe(
      'http http://x/<b>: not healthy after 5 attempts in 9 s: status 503 instead of 200: "a|b" (2 × the connection was refused, 3 × status 503 instead of 200: "a|b")',
    );
    expect(describeOutcome({ ...abandoned, attempts: 1 })).toMatch(/given up after 1 attempt in/);
  });

  it('names what failed, and only that', () => {
    expect(failedChecks(summarizeChecks([healthy, sick, abandoned], 1))).toBe(describeOutcome(sick));
  });

  it('becomes an error that names what failed, and only that', () => {
    const error = healthFailure(summarizeChecks([healthy, sick, abandoned], 1), 'api');
    expect(error).toBeInstanceOf(LaunchError);
    expect(error.code).toBe('HEALTH_FAILED');
    expect(error.message).toMatch(/^"api" is not healthy: http .* 503/);
    expect(error.message).not.toMatch(/tcp db/);
  });

  it('stands in a summary without any markup of foreign text coming alive', () => {
    const markdown = healthSummary(summarizeChecks([healthy, sick], 1));
    expect(markdown).toMatch(/^### Not healthy\n/);
    expect(markdown).not.toMatch(/<b>|a\|b/);
    expect(
      markdown
        .trim()
        .split('\n')
        .slice(2)
        .every((row) => row.split('|').length === 8),
    ).toBe(true);
  });

  it('keeps the history of many reasons short', () => {
    const reasons = Array.from({ length: 50 }, (_, index) => ({ reason: `r${index}`, count: 1 }));
    const line = describeOutcome({ ...sick, reasons });
    expect(line).toMatch(/\(…, 1 × r46, 1 × r47, 1 × r48, 1 × r49\)$/);
  });
});
