// One health check as service.yml would have it, run for real.
import { tmpdir } from 'node:os';
import * as z from 'zod/mini';
import { healthCheck } from '../../src/core/config/health-check.ts';
import type { HealthCheck } from '../../src/core/health/check.ts';
import { checkFromSetting } from '../../src/core/health/from-settings.ts';
import { checkHealth } from '../../src/operations/check-health.ts';
import { silentReporter } from '../../src/operations/reporter.ts';

export type Setting = Readonly<Record<string, unknown>>;

/** Quick unless the setting says otherwise; commands run in `cwd` and know one secret. */
export function check(setting: Setting, cwd = tmpdir()): HealthCheck {
  return checkFromSetting(z.parse(healthCheck, { timeout: '2s', interval: '20ms', ...setting }), {
    cwd,
    env: { PATH: process.env['PATH'], HEALTH_SECRET: 'declared-secret' },
    secrets: ['declared-secret'],
  });
}

/** How one check ends; `why` is empty when it is healthy. */
export async function outcomeOf(setting: Setting, cwd?: string) {
  const report = await checkHealth([check(setting, cwd)], silentReporter);
  const [outcome] = report.checks;
  if (outcome === undefined) throw new Error('a check has no outcome');
  const why = outcome.outcome === 'unhealthy' ? outcome.why : '';
  return { ...outcome, why, healthy: report.healthy };
}
