import type { ServiceState } from '../../adapters/state/service-state.ts';
import type { Release } from '../../core/deploy/release.ts';
import { failedChecks } from '../../core/health/report.ts';
import type { Deployment } from './deployment.ts';
import type { Driver } from './driver.ts';
import { askLive } from './is-live.ts';

/**
 * What is wrong with the release that serves, as `launch status` would tell it, and by the checks that need the
 * service's secrets; undefined where it is in order. Without secrets.
 */
export async function faultOfLive(
  deployment: Deployment,
  driver: Driver,
  state: ServiceState,
  current: Release,
): Promise<string | undefined> {
  const { stateRoot, request } = deployment;
  const { readServiceStatus } = await import('../read-status.ts');
  // Of scripts it would know no more than their checks say, which it can't give their secrets.
  const status =
    current.project === undefined
      ? undefined
      : await readServiceStatus(state.folder, { stateRoot, hostEnv: request.hostEnv });
  const known = current.takenOver?.differs ?? [];
  const drift = status?.drift.filter((it) => !known.includes(it)) ?? [];
  const health = status?.health === 'unhealthy' ? status.detail : await failingChecks();
  const faults = [...(health === undefined ? [] : [health]), ...drift];
  return faults.length === 0 ? undefined : deployment.redact(faults.join('; '));

  async function failingChecks(): Promise<string | undefined> {
    const report = await askLive(deployment, driver, state, current);
    return report === undefined || report.healthy ? undefined : failedChecks(report);
  }
}
