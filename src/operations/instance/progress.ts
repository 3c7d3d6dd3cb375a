import type { WorkerResult } from '../../core/cloudflare/worker-result.ts';
import type { InstanceResource } from '../../core/instances/instance-result.ts';

/** What an operation on an instance has done so far; told also when the rest fails. */
export interface Progress {
  readonly resources: InstanceResource[];
  readonly workers: WorkerResult[];
  readonly notices: string[];
  /** By service. */
  urls: Readonly<Record<string, string>>;
}
