import type { WorkerResult } from '../../core/cloudflare/worker-result.ts';
import type { Instance } from '../../core/instances/instance.ts';
import type { Reporter } from '../reporter.ts';
import type { WorkerContext, WorkerDeployRequest } from '../worker/request.ts';

/** What every operation on an instance needs. */
export interface InstanceContext extends WorkerContext {
  /** A folder of the checkout. */
  readonly cwd: string;
}

export interface InstanceDeployRequest extends InstanceContext {
  readonly instance: Instance;
  /** Masked by the caller; a worker gets those that it declares. */
  readonly secrets: ReadonlyMap<string, string>;
  /** Who deploys, for the workers' history. */
  readonly by?: string | undefined;
  /** Tells what would be done, and changes nothing. */
  readonly dryRun: boolean;
}

/** The engine that deploys workers; another one in tests. */
export type DeployCopy = (request: WorkerDeployRequest, reporter: Reporter) => Promise<WorkerResult>;
