import type { BindingOverrides } from '../../core/cloudflare/binding-overrides.ts';
import type { HealthCheck } from '../../core/health/check.ts';

/** Whose workers, and by whose right. */
export interface CloudflareAccount {
  readonly apiToken: string;
  readonly accountId: string;
  /** CLOUDFLARE_API_BASE_URL; undefined: Cloudflare's own. */
  readonly apiUrl: string | undefined;
}

/** What every operation on a worker needs. */
export interface WorkerContext {
  readonly account: CloudflareAccount;
  /** For all of it but the way back, in milliseconds. */
  readonly timeoutMs: number;
  /** The environment of this process; only the few names that tools need are passed on. */
  readonly hostEnv: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
}

/** Executables, absolute: they work in the worker's folder, with its variables and secrets and the account's token. */
export interface WorkerHooks {
  /** Before it is bundled. */
  readonly build?: string;
  /** When it is bundled, before it is tested: migrations, for example. */
  readonly 'pre-deploy'?: string;
  /** Once it has all of the traffic; when it fails, the traffic is taken back. */
  readonly 'post-deploy'?: string;
}

/** A deployment or rollback that is about to change something. */
export interface WorkerStart {
  readonly service: string;
  readonly target: string;
  /** A full id of what is to serve. */
  readonly commit: string;
  /** What serves until then. */
  readonly previous: string | undefined;
  readonly url: string | undefined;
}

/** One worker to deploy; complete in itself, so that a copy of a worker is deployed by it as well. */
export interface WorkerDeployRequest extends WorkerContext {
  /** The folder that wrangler works in, absolute. */
  readonly folder: string;
  /** Its wrangler configuration, absolute. */
  readonly configPath: string;
  /** What that is called in messages; by default its path. */
  readonly configLabel?: string | undefined;
  /** An environment of the configuration; undefined: its top. */
  readonly environment?: string | undefined;
  /**
   * Another name than the configuration's. Such a copy has an address below workers.dev; the routes of the configuration
   * stay with the worker that they are meant for.
   */
  readonly name?: string | undefined;
  readonly bindings?: BindingOverrides | undefined;
  /** Over those of the configuration. */
  readonly vars: ReadonlyMap<string, string>;
  /** Masked by the caller; what the worker has beside them it keeps. */
  readonly secrets: ReadonlyMap<string, string>;
  /** What the worker's content is: when the same is live with the same secrets, nothing is done. Undefined: always deployed. */
  readonly fingerprint?: string | undefined;
  /** A full commit id. */
  readonly commit?: string | undefined;
  /** Whether a commit that is live comes after this one, so that it is not to be replaced by it; not asked with `force`. */
  readonly comesAfter?: ((liveCommit: string) => Promise<boolean>) | undefined;
  readonly hooks?: WorkerHooks | undefined;
  /** Told when it is known that there is something to do. */
  readonly onStart?: ((start: Pick<WorkerStart, 'previous' | 'url'>) => void) | undefined;
  /** Who deploys, for the worker's history. */
  readonly by?: string | undefined;
  /** The smoke test. An http check whose URL is a path such as `/health` asks the worker at its own address. */
  readonly checks: readonly HealthCheck[];
  /** Percentages of traffic on the way to 100, such as [10, 50, 100]; empty: at once. */
  readonly gradual: readonly number[];
  /** Deploys what is live already, and over a split of the traffic that somebody else has made. */
  readonly force: boolean;
  /** Tells what would be done, and changes nothing. */
  readonly dryRun: boolean;
}
