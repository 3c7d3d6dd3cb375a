import { cancelledInstead } from '../core/cancelled.ts';
import type { DeployResult } from '../core/deploy/result.ts';
import { LaunchError } from '../core/errors.ts';
import type { Plan } from '../core/plan.ts';
import { dependantsOf } from '../core/routing/hold-back.ts';
import type { Dependent } from '../core/routing/waves.ts';
import { type DeployRequest, deployService } from './deploy-service.ts';
import type { Reporter } from './reporter.ts';

/** What became of one service of a plan. */
export type ServiceOutcome =
  | { readonly kind: 'done'; readonly service: string; readonly result: DeployResult }
  /** Nothing was changed: something kept it from starting. */
  | { readonly kind: 'refused'; readonly service: string; readonly error: LaunchError }
  /** Left alone, because a service that it depends on failed. */
  | { readonly kind: 'held-back'; readonly service: string; readonly because: string };

/**
 * Deploys the services of a plan to this host, one after the other, in the order of its waves. When one fails,
 * what depends on it is left alone; the others go on. Once the run is cancelled no other is begun.
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
      outcomes.push({ kind: 'refused', service, error: notBegun() });
      continue;
    }
    const because = dependantsOf(all, failed).get(service);
    const outcome: ServiceOutcome =
      because === undefined
        ? await reporter.group(`Deploy ${service}`, () => deployOne(service, request, reporter))
        : { kind: 'held-back', service, because };
    outcomes.push(outcome);
    if (outcome.kind === 'refused' || (outcome.kind === 'done' && outcome.result.failure !== undefined)) {
      failed.add(service);
    }
    isCancelled = wasCancelled(outcome);
  }
  return outcomes;
}

function wasCancelled(outcome: ServiceOutcome): boolean {
  if (outcome.kind === 'refused') return outcome.error.code === 'CANCELLED';
  return outcome.kind === 'done' && outcome.result.failure?.cancelled === true;
}

function notBegun(): LaunchError {
  return new LaunchError('CANCELLED', 'The run was cancelled before this service had its turn.', {
    remedy: 'Nothing of it has been changed. Start it again when you want it to go on.',
  });
}

async function deployOne(
  service: string,
  request: Omit<DeployRequest, 'service'>,
  reporter: Reporter,
): Promise<ServiceOutcome> {
  try {
    return { kind: 'done', service, result: await deployService({ ...request, service }, reporter) };
  } catch (thrown) {
    const error = cancelledInstead(thrown, request.signal);
    if (!(error instanceof LaunchError)) throw error;
    return { kind: 'refused', service, error };
  }
}
