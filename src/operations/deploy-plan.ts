import { cancelledBeforeTurn, cancelledInstead } from '../core/cancelled.ts';
import type { WorkerResult } from '../core/cloudflare/worker-result.ts';
import type { DeployResult } from '../core/deploy/result.ts';
import { LaunchError } from '../core/errors.ts';
import type { Plan } from '../core/plan.ts';
import { dependantsOf } from '../core/routing/hold-back.ts';
import type { Dependent } from '../core/routing/waves.ts';
import { type DeployRequest, deployService } from './deploy-service.ts';
import type { Reporter } from './reporter.ts';
import type { WorkerAsked } from './worker/asked.ts';

/** What became of one service of a plan. */
export type ServiceOutcome =
  | { readonly kind: 'done'; readonly service: string; readonly result: DeployResult }
  /** It went to Cloudflare, and not to this host. */
  | { readonly kind: 'worker'; readonly service: string; readonly result: WorkerResult }
  /** Nothing was changed: something kept it from starting. */
  | { readonly kind: 'refused'; readonly service: string; readonly error: LaunchError }
  /** Left alone, because a service that it depends on failed. */
  | { readonly kind: 'held-back'; readonly service: string; readonly because: string };

/**
 * Deploys the services of a plan to this host, or as workers to Cloudflare, one after the other, in the order of its
 * waves. When one fails, what depends on it is left alone; the others go on. Once the run is cancelled no other is begun.
 */
export async function deployPlan(
  plan: Plan,
  all: readonly Dependent[],
  request: Omit<DeployRequest, 'service'>,
  reporter: Reporter,
): Promise<readonly ServiceOutcome[]> {
  const failed = new Set<string>();
  const outcomes: ServiceOutcome[] = [];
  let isCancelled = false;
  for (const service of new Set(plan.entries.map((entry) => entry.service))) {
    if (isCancelled) {
      outcomes.push({ kind: 'refused', service, error: cancelledBeforeTurn('service') });
      continue;
    }
    const because = dependantsOf(all, failed).get(service);
    const outcome: ServiceOutcome =
      because === undefined
        ? await reporter.group(`Deploy ${service}`, () => deployOne(plan, service, request, reporter))
        : { kind: 'held-back', service, because };
    outcomes.push(outcome);
    if (hasFailed(outcome)) failed.add(service);
    isCancelled = wasCancelled(outcome);
  }
  return outcomes;
}

function hasFailed(outcome: ServiceOutcome): boolean {
  if (outcome.kind === 'held-back') return false;
  return outcome.kind === 'refused' || outcome.result.failure !== undefined;
}

function wasCancelled(outcome: ServiceOutcome): boolean {
  if (outcome.kind === 'refused') return outcome.error.code === 'CANCELLED';
  return outcome.kind !== 'held-back' && outcome.result.failure?.cancelled === true;
}

async function deployOne(
  plan: Plan,
  service: string,
  request: Omit<DeployRequest, 'service'>,
  reporter: Reporter,
): Promise<ServiceOutcome> {
  const isWorker = plan.entries.some((entry) => entry.service === service && entry.driver === 'worker');
  try {
    return isWorker
      ? await deployAsWorker({ ...askedOf(request), service }, reporter)
      : { kind: 'done', service, result: await deployService({ ...request, service }, reporter) };
  } catch (thrown) {
    const error = cancelledInstead(thrown, request.signal);
    if (!(error instanceof LaunchError)) throw error;
    return { kind: 'refused', service, error };
  }
}

async function deployAsWorker(
  asked: WorkerAsked & { readonly service: string },
  reporter: Reporter,
): Promise<ServiceOutcome> {
  // What speaks to Cloudflare is loaded only where something goes there.
  const [{ deployWorker }, { planWorkerDeployment }] = await Promise.all([
    import('./worker/deploy-worker.ts'),
    import('./worker/plan-worker.ts'),
  ]);
  const result = await deployWorker(await planWorkerDeployment(asked, reporter), reporter);
  return { kind: 'worker', service: asked.service, result };
}

function askedOf(request: Omit<DeployRequest, 'service'>): WorkerAsked {
  const { cwd, config, target, secrets, onSecrets, timeoutMs, by, force, dryRun, hostEnv, signal } = request;
  const common = { cwd, config, target, secrets, onSecrets, timeoutMs, by, force, dryRun, hostEnv, signal };
  return { ...common, vars: request.env, gradual: [] };
}
