import { cancelledBeforeTurn, cancelledInstead } from '../../core/cancelled.ts';
import { takenBackWith, type WorkerOutcome } from '../../core/cloudflare/worker-set.ts';
import { LaunchError } from '../../core/errors.ts';
import { dependantsOf } from '../../core/routing/hold-back.ts';
import type { Dependent } from '../../core/routing/waves.ts';
import { withCommittedProject } from '../find-placement.ts';
import { makePlan } from '../make-plan.ts';
import { readDependencies } from '../read-dependencies.ts';
import type { Reporter } from '../reporter.ts';
import type { WorkerAsked } from './asked.ts';
import { deployWorker } from './deploy-worker.ts';
import { planWorkerDeployment } from './plan-worker.ts';
import type { WorkerDeployRequest } from './request.ts';
import { takeBack } from './take-back.ts';
import { beginWork } from './worker-work.ts';

export interface WorkersAsked extends Omit<WorkerAsked, 'service'> {
  readonly services: readonly string[];
  /** All of them or none: when one fails, those that were deployed before it are taken back. */
  readonly atomic: boolean;
  /** Told of each as soon as it is known how it ends: of a whole at the end of it. */
  readonly onOutcome?: ((outcome: WorkerOutcome) => Promise<void>) | undefined;
}

/**
 * Deploys workers of a project one after the other, those first that others need. When one fails, what needs it is left
 * alone and the others go on; or, where it is all or nothing, everything goes back.
 *
 * @throws LaunchError before anything is changed: SERVICE_NOT_FOUND, TARGET_UNKNOWN, CONFIG_INVALID, and where it is all
 *   or nothing whatever keeps one of them from starting
 */
export async function deployWorkers(
  asked: WorkersAsked,
  reporter: Reporter,
): Promise<readonly WorkerOutcome[]> {
  const { services, atomic } = asked;
  const { order, dependents } = await orderOf(asked);
  const plan = async (service: string) => await planWorkerDeployment({ ...asked, service }, reporter);
  const planned = new Map<string, WorkerDeployRequest>();
  // What can be known to fail is known before the first of them is touched.
  if (atomic) for (const service of order) planned.set(service, await plan(service));
  const failed = new Set<string>();
  const outcomes: WorkerOutcome[] = [];
  for (const service of order) {
    const because = atomic ? [...failed][0] : dependantsOf(dependents, failed).get(service);
    const deploy = async () => await deployWorker(planned.get(service) ?? (await plan(service)), reporter);
    const outcome: WorkerOutcome =
      because !== undefined
        ? { kind: 'held-back', service, because }
        : asked.signal?.aborted === true
          ? { kind: 'refused', service, error: cancelledBeforeTurn('worker') }
          : await outcomeOf(service, deploy, asked, services.length);
    outcomes.push(outcome);
    if (hasFailed(outcome)) failed.add(service);
    if (!atomic) await asked.onOutcome?.(outcome);
  }
  if (!atomic) return outcomes;
  const [first] = failed;
  const final = first === undefined ? outcomes : await takeSetBack(outcomes, first, planned, reporter);
  for (const outcome of final) await asked.onOutcome?.(outcome);
  return final;
}

async function orderOf(
  asked: WorkersAsked,
): Promise<{ readonly order: readonly string[]; readonly dependents: readonly Dependent[] }> {
  const { services, target } = asked;
  // Of a single one nothing is to be ordered, and what is wrong with it is told where it is read.
  if (services.length === 1) return { order: services, dependents: [] };
  return await withCommittedProject(asked, async ({ project }) => {
    const options = { services, ...(target === undefined ? {} : { target }) };
    const { entries, disabled } = await makePlan(project, options);
    const order = [...new Set(entries.map(({ service }) => service))];
    const folders = project.folders.filter(({ name }) => order.includes(name));
    const { dependents } = await readDependencies(project, folders);
    return { order: [...order, ...disabled], dependents };
  });
}

async function outcomeOf(
  service: string,
  deploy: () => ReturnType<typeof deployWorker>,
  { signal }: WorkersAsked,
  total: number,
): Promise<WorkerOutcome> {
  try {
    return { kind: 'done', service, result: await deploy() };
  } catch (thrown) {
    const error = cancelledInstead(thrown, signal);
    if (!(error instanceof LaunchError) || total === 1) throw error;
    return { kind: 'refused', service, error };
  }
}

function hasFailed(outcome: WorkerOutcome): boolean {
  return outcome.kind === 'refused' || (outcome.kind === 'done' && outcome.result.failure !== undefined);
}

/** The last one first: what is needed goes after what needs it. */
async function takeSetBack(
  outcomes: readonly WorkerOutcome[],
  because: string,
  planned: ReadonlyMap<string, WorkerDeployRequest>,
  reporter: Reporter,
): Promise<readonly WorkerOutcome[]> {
  const after = new Map<string, WorkerOutcome>();
  for (const outcome of outcomes.toReversed()) {
    const request = planned.get(outcome.service);
    if (outcome.kind !== 'done' || outcome.result.status !== 'deployed' || request === undefined) continue;
    const { result, service } = outcome;
    const { worker, previousVersionId: old, versionId } = result;
    const work = beginWork(request, request.secrets.values(), reporter);
    const back = await takeBack(work, { worker, old, failed: versionId, touched: true });
    after.set(service, { kind: 'done', service, result: takenBackWith(result, because, back), because });
  }
  return outcomes.map((outcome) => after.get(outcome.service) ?? outcome);
}
