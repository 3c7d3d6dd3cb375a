import { type DeployResult, type DeployStatus, deployFailure } from '../core/deploy/result.ts';
import { LaunchError } from '../core/errors.ts';
import type { Reporter } from './reporter.ts';

/** How the deployments of a job ended, taken together. */
export interface TurnResult {
  readonly status: DeployStatus;
  /** What the job fails with; undefined when every service serves its new release. */
  readonly failure: LaunchError | undefined;
  /** Of the deployments that started, in order. */
  readonly results: readonly DeployResult[];
}

/** From good to bad: several services are as good as the worst of them. */
const statuses: readonly DeployStatus[] = ['unchanged', 'deployed', 'rolled-back', 'failed'];

/**
 * Deploys these services one after another. They don't depend on each other, so one that fails keeps none from
 * its turn; only a cancelled run ends at once, with what became of the one that it was cancelled in.
 */
export async function deployInTurn(
  services: readonly string[],
  deploy: (service: string) => Promise<DeployResult>,
  reporter: Reporter,
): Promise<TurnResult> {
  const results: DeployResult[] = [];
  const failures = new Map<string, LaunchError>();
  let hasNotStarted = false;
  for (const service of services) {
    try {
      const result = await deploy(service);
      results.push(result);
      const failure = deployFailure(result);
      if (failure !== undefined) failures.set(service, failure);
    } catch (error) {
      if (!(error instanceof LaunchError) || error.code === 'CANCELLED' || services.length === 1) throw error;
      hasNotStarted = true;
      failures.set(service, error);
    }
    const failure = failures.get(service);
    if (failure !== undefined && services.length > 1) reporter.warning(failure.message, failure.place);
    if (results.at(-1)?.failure?.cancelled === true) break;
  }
  const worst = Math.max(0, ...results.map(({ status }) => statuses.indexOf(status)));
  return {
    results,
    status: hasNotStarted ? 'failed' : (statuses[worst] ?? 'failed'),
    failure: summedUp(failures, services.length),
  };
}

function summedUp(failures: ReadonlyMap<string, LaunchError>, total: number): LaunchError | undefined {
  const [first] = failures.values();
  if (first === undefined || total === 1) return first;
  const names = [...failures.keys()].join(', ');
  const same = [...failures.values()].every(({ code }) => code === first.code);
  return new LaunchError(
    same ? first.code : 'DEPLOY_FAILED',
    `${failures.size} of ${total} services failed: ${names}.`,
    { remedy: 'A warning for each of them says why. Mend the causes and push again.', cause: first },
  );
}
