import { isWorkerDown, workerFailure } from '../cloudflare/worker-failure.ts';
import type { WorkerResult } from '../cloudflare/worker-result.ts';
import type { LaunchError } from '../errors.ts';

export type InstanceOperation = 'deploy' | 'destroy' | 'status';

/**
 * `unchanged`: everything was as it should be. `failed`: the next run finishes it. `planned`: a rehearsal. `ready`,
 * `incomplete`, `absent`: what `status` finds.
 */
export type InstanceStatus =
  | 'deployed'
  | 'unchanged'
  | 'failed'
  | 'destroyed'
  | 'planned'
  | 'ready'
  | 'incomplete'
  | 'absent';

export type ResourceKind = 'database' | 'migration' | 'row' | 'bucket' | 'namespace' | 'worker';

export type ResourceState =
  | 'made'
  | 'updated'
  | 'unchanged'
  | 'failed'
  | 'deleted'
  /** Not deleted, for the reason in `note`. */
  | 'kept'
  /** What `status` finds. */
  | 'there'
  | 'missing'
  /** Of a rehearsal, or a list of what would be removed. */
  | 'to make'
  | 'to update'
  | 'to delete';

/** One thing of an instance, and what became of it. */
export interface InstanceResource {
  readonly kind: ResourceKind;
  readonly name: string;
  readonly state: ResourceState;
  readonly note?: string;
}

/** How an operation on an instance ended. */
export interface InstanceResult {
  readonly operation: InstanceOperation;
  readonly status: InstanceStatus;
  readonly instanceId: string;
  readonly organisation: string | undefined;
  /** By service, where its worker answers. */
  readonly urls: Readonly<Record<string, string>>;
  readonly resources: readonly InstanceResource[];
  readonly workers: readonly WorkerResult[];
  readonly notices: readonly string[];
  readonly durationMs: number;
  /** What the operation fails with; undefined when it went well. */
  readonly failure: LaunchError | undefined;
}

/** Whether nothing at all was changed, or would be. */
export function isAsItShouldBe(resources: readonly InstanceResource[]): boolean {
  return resources.every(({ state }) => state === 'unchanged' || state === 'kept');
}

/** What the instance's workers make it fail with: the worst of them. */
export function worstFailure(workers: readonly WorkerResult[]): LaunchError | undefined {
  const failures = workers.flatMap((worker) => {
    const failure = workerFailure(worker);
    return failure === undefined ? [] : [{ failure, isDown: isWorkerDown(worker) }];
  });
  return (failures.find(({ isDown }) => isDown) ?? failures[0])?.failure;
}
