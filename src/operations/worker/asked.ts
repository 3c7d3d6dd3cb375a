import type { WorkerStart } from './request.ts';

/** What is asked of a worker, in a job or at a terminal; every operation takes of it what it needs. */
export interface WorkerAsked {
  /** A folder of the checkout. */
  readonly cwd: string;
  /** `launch.yml` elsewhere, relative to the top of the repository. */
  readonly config?: string | undefined;
  /** A service; else `folder` says where the worker is. */
  readonly service?: string | undefined;
  /** The folder of a worker that is no service, relative to `cwd`. */
  readonly folder?: string | undefined;
  /** Of the service; needed only when it has several. */
  readonly target?: string | undefined;
  /** An environment of the wrangler configuration; by default the one that is called like the target's. */
  readonly environment?: string | undefined;
  /** Another name than the configuration's. */
  readonly name?: string | undefined;
  /** As the inputs give them; else they are among the secrets, or in `hostEnv`. */
  readonly apiToken?: string | undefined;
  readonly accountId?: string | undefined;
  /** Parsed already, and masked by the caller; only declared names go on to the worker. */
  readonly secrets: ReadonlyMap<string, string>;
  /** Over those of service.yml and of the configuration. */
  readonly vars: ReadonlyMap<string, string>;
  /** Told of secrets that come in otherwise, before they are used. */
  readonly onSecrets?: ((values: Iterable<string>) => void) | undefined;
  /** Told of a service when it is known that there is something to do, and its commit is. */
  readonly onStart?: ((start: WorkerStart) => void) | undefined;
  /** A URL, or a path at the worker's own address; in place of `health:` in service.yml. */
  readonly smokeUrl?: string | undefined;
  readonly gradual: readonly number[];
  readonly timeoutMs: number;
  readonly by?: string | undefined;
  readonly force: boolean;
  readonly dryRun: boolean;
  readonly hostEnv: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
}
