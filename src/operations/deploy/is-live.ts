import { join } from 'node:path';
import type { ServiceState } from '../../adapters/state/service-state.ts';
import { originOf } from '../../core/deploy/choose-release.ts';
import type { Release } from '../../core/deploy/release.ts';
import { layout } from '../../core/deploy/state-layout.ts';
import type { HealthReport } from '../../core/health/report.ts';
import { checkHealth } from '../check-health.ts';
import { silentReporter } from '../reporter.ts';
import { type Deployment, releaseEnv } from './deployment.ts';
import type { Driver } from './driver.ts';
import { checksOf } from './verify-release.ts';

/** Long enough for an answer, short enough for a run that has nothing to do. */
const patienceMs = 5000;

/** Whether exactly this is deployed, with the same secrets, and in order: then nothing is to be done. */
export async function isLive(
  deployment: Deployment,
  driver: Driver,
  state: ServiceState,
  current: Release,
  seal: string,
): Promise<boolean> {
  if (deployment.request.force || current.status !== 'deployed') return false;
  if (current.fingerprint !== deployment.fingerprint || current.seal !== seal) return false;
  // Another release of the same commit may have had other images, and is another one to go back from.
  const { restores } = deployment;
  if (restores !== undefined && originOf(restores.release) !== originOf(current)) return false;
  if (!(await driver.isRunning(current))) return false;
  return (await askLive(deployment, driver, state, current))?.healthy ?? true;
}

/** What the checks of the release that serves say now; undefined where it has none. */
export async function askLive(
  deployment: Deployment,
  driver: Driver,
  state: ServiceState,
  current: Release,
): Promise<HealthReport | undefined> {
  const path = state.releaseFolder(current.id);
  const env = releaseEnv(deployment, {
    id: current.id,
    project: current.project,
    composeFile: current.project === undefined ? undefined : join(path, layout.compose),
  });
  const release = {
    id: current.id,
    snapshot: join(path, layout.snapshot),
    folder: current.folder,
    port: current.port,
  };
  const directed = await driver.direct(await checksOf(deployment, release, env), current);
  const checks = directed.map((check) => ({
    ...check,
    timeoutMs: Math.min(check.timeoutMs, patienceMs),
    successes: 1,
  }));
  if (checks.length === 0) return undefined;
  return await checkHealth(checks, silentReporter, deployment.request.signal);
}
