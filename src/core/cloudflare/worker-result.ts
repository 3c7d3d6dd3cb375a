import type { Failure } from '../deploy/result.ts';

export type WorkerStatus = 'deployed' | 'unchanged' | 'rolled-back' | 'failed' | 'deleted';

/** When the new version was tested: before it got any traffic, only once it had all of it, or not at all. */
export type SmokeTested = 'before traffic' | 'afterwards' | 'no';

/** How an operation on one worker ended. What serves now is read from Cloudflare, never taken from an exit status. */
export interface WorkerResult {
  readonly operation: 'deploy' | 'rollback' | 'delete';
  readonly status: WorkerStatus;
  /** Its name at Cloudflare. */
  readonly worker: string;
  /** The version that was uploaded or gone back to; for `unchanged` the one that serves. Undefined where none came to be. */
  readonly versionId: string | undefined;
  /** What had all traffic before; undefined for a first deployment. */
  readonly previousVersionId: string | undefined;
  /** What has all traffic now; undefined where nothing has, or Cloudflare could not be asked. */
  readonly liveVersionId: string | undefined;
  /** The first is the one to show: a custom domain, else a route, else the workers.dev address. */
  readonly urls: readonly string[];
  readonly commit: string | undefined;
  readonly durationMs: number;
  readonly tested: SmokeTested;
  readonly failure: Failure | undefined;
  /** Where `status` is `failed`: why the version before could not get its traffic back; undefined where there was none. */
  readonly notTakenBack: string | undefined;
  /** What a person should know beside. */
  readonly notices: readonly string[];
  /** Of a rehearsal: what would be done. */
  readonly plan: readonly string[] | undefined;
}
