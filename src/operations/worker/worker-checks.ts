import { hostPart } from '../../core/deploy/child-env.ts';
import type { HealthCheck } from '../../core/health/check.ts';
import { serviceChecks } from '../../core/health/service-checks.ts';
import type { Service } from '../../core/project/service.ts';

/** Where a worker's checks run, and with what. */
export interface WorkerChecksContext {
  /** Absolute. */
  readonly folder: string;
  readonly hostEnv: NodeJS.ProcessEnv;
  readonly vars: ReadonlyMap<string, string>;
  readonly secrets: ReadonlyMap<string, string>;
  /** Undefined for a copy, which no target names. */
  readonly target: string | undefined;
}

/** How long each may take where the service does not say, in milliseconds. */
const timeoutMs = 30_000;

/** The smoke test of a worker: the checks of its `service.yml`, with the variables and secrets that the worker has. */
export function workerChecks(
  service: Service,
  { folder, hostEnv, vars, secrets, target }: WorkerChecksContext,
): readonly HealthCheck[] {
  return serviceChecks(service, {
    cwd: folder,
    env: {
      ...hostPart(hostEnv),
      ...Object.fromEntries(vars),
      ...Object.fromEntries(secrets),
      LAUNCH_SERVICE: service.name,
      ...(target === undefined ? {} : { LAUNCH_TARGET: target }),
    },
    secrets: [...secrets.values()],
    hasOwnAddress: true,
    timing: { timeoutMs },
  });
}
