import { join } from 'node:path';
import pLimit from 'p-limit';
import type { InspectedContainer } from '../../adapters/engine/containers.ts';
import type { ServiceState } from '../../adapters/state/service-state.ts';
import type { Release } from '../../core/deploy/release.ts';
import { layout } from '../../core/deploy/state-layout.ts';
import type { HealthCheck } from '../../core/health/check.ts';
import { serviceChecks } from '../../core/health/service-checks.ts';
import { joinPath } from '../../core/project/view.ts';
import { checkHealth } from '../check-health.ts';
import { environmentValues } from '../deploy/compose/project-containers.ts';
import { directedAt } from '../deploy/compose/verify-targets.ts';
import { serviceOfRelease } from '../deploy/release-service.ts';
import { silentReporter } from '../reporter.ts';
import { judgeWithoutSecrets, keptEnvironment } from '../script-health.ts';

export interface Answer {
  readonly health: 'healthy' | 'unhealthy' | 'unknown';
  readonly detail: string;
}

/** Those of how many services are asked at once: connections cost next to nothing, scripts do. */
const [networkAtOnce, scriptsAtOnce] = [128, 8];
const [networkMs, scriptMs] = [2000, 10_000];

/** Asks the checks of many services side by side. Which could not be asked in time is told of as not known. */
export interface CheckTurns {
  ask(checks: readonly HealthCheck[]): Promise<Awaited<ReturnType<typeof checkHealth>> | undefined>;
}

/** `withinMs`: how long after now a check may still be begun. */
export function checkTurns(withinMs = 10_000): CheckTurns {
  const [network, scripts] = [pLimit(networkAtOnce), pLimit(scriptsAtOnce)];
  const until = performance.now() + withinMs;
  return {
    ask: async (checks) =>
      await (checks.some(({ kind }) => kind === 'command') ? scripts : network)(async () =>
        performance.now() > until ? undefined : await checkHealth(checks, silentReporter),
      ),
  };
}

/** What can be asked without the service's secrets: over the network, and by the scripts of a service without containers. */
export async function askChecks(
  release: Release,
  state: ServiceState,
  found: readonly InspectedContainer[],
  host: { readonly env: NodeJS.ProcessEnv; readonly turns: CheckTurns },
): Promise<Answer> {
  const snapshot = join(state.releaseFolder(release.id), layout.snapshot);
  const service = await serviceOfRelease(release, snapshot);
  const declared = serviceChecks(service, {
    cwd: joinPath(snapshot, release.folder),
    env: keptEnvironment(release, service.settings.env, host.env),
    secrets: environmentValues(found),
  });
  const { project = '', route } = release;
  const all = route === undefined ? declared : directedAt(found, project, route, declared);
  const checks = all
    .filter(({ kind }) => kind === 'http' || kind === 'tcp' || (kind === 'command' && project === ''))
    .map((check) => ({ ...check, timeoutMs: check.kind === 'command' ? scriptMs : networkMs, successes: 1 }));
  if (checks.length === 0) {
    return release.project === undefined
      ? { health: 'unknown', detail: 'it has no check that can be asked from here' }
      : { health: 'healthy', detail: '' };
  }
  const report = await host.turns.ask(checks);
  if (report === undefined) {
    return { health: 'unknown', detail: 'it was not asked: the checks of other services took too long' };
  }
  if (report.healthy) return { health: 'healthy', detail: '' };
  const failed = report.checks.find((check) => check.outcome === 'unhealthy');
  if (failed?.label.startsWith('command ') === true) return judgeWithoutSecrets(release, failed);
  return {
    health: 'unhealthy',
    detail: failed === undefined ? 'a check failed' : `${failed.label}: ${failed.why}`,
  };
}
