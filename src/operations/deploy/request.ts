import type { RunOrder } from '../../core/deploy/supersession.ts';
import type { Trigger } from '../../core/deploy/trigger.ts';
import type { KnownEnd, ReleaseStart } from '../report-cut-off.ts';

/** What the caller of a deployment asks for; everything of the outside world comes in here as a value. */
export interface DeployRequest {
  /** A folder inside the checkout. */
  readonly cwd: string;
  /** `launch.yml` elsewhere, relative to the top of the repository. */
  readonly config?: string | undefined;
  readonly service: string;
  /** Overrides what the service says; needed only when it has several. */
  readonly target?: string | undefined;
  readonly strategy?: 'recreate' | 'rolling' | 'blue-green' | undefined;
  /** Parsed already, and masked by the caller; only declared names go on. */
  readonly secrets: ReadonlyMap<string, string>;
  readonly env: ReadonlyMap<string, string>;
  /** Told of secrets that come in otherwise, before they are used; a job's log hides them from then on. */
  readonly onSecrets?: ((values: Iterable<string>) => void) | undefined;
  /** How long to wait for the lock, and how long the containers may take to get healthy; in milliseconds. */
  readonly timeoutMs: number;
  readonly stateDir?: string | undefined;
  readonly keepReleases: number;
  readonly rollbackOnFailure: boolean;
  /** Deploys what is live and healthy already. */
  readonly force: boolean;
  /** A commit that a freeze refuses is left aside, and told of; it is no error. */
  readonly skipFrozen?: boolean | undefined;
  /** Tells what would happen, and touches nothing. */
  readonly dryRun: boolean;
  /** owner/name; by default that of the remote `origin`, else `local/<folder>`. */
  readonly repository?: string | undefined;
  /** Who deploys, and where that can be followed; for the lock and the history. */
  readonly by?: string | undefined;
  readonly runUrl?: string | undefined;
  /** What led to it. */
  readonly trigger?: Trigger | undefined;
  /** Where the run stands among those of its workflow and branch; undefined outside of one. */
  readonly order?: RunOrder | undefined;
  /** The environment of this process; only the few names that tools need are passed on. */
  readonly hostEnv: NodeJS.ProcessEnv;
  /** How long a service without any health check must run without an exit or a restart. Default 10 s. */
  readonly steadyMs?: number | undefined;
  /** How much of Docker's disk must be free before anything is pulled or built. Default 512 MiB. */
  readonly leastFreeBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Nobody ends this process while it undoes what was cancelled; else that is left to the guardian before long. */
  readonly mayTakeItsTime?: boolean | undefined;
  /** Told as soon as the release has a name; before anything of it is on the host. */
  readonly onRelease?: ((start: ReleaseStart, endOf: KnownEnd) => void) | undefined;
  /** Awaited before each effect on the host; for tests that end a deployment at a certain one. */
  readonly beforeEffect?: ((effect: string) => Promise<void>) | undefined;
}

/** What is asked for a service that is on the host already, by its records there instead of a checkout. */
export interface RecordedServiceRequest
  extends Pick<
    DeployRequest,
    | 'service'
    | 'target'
    | 'secrets'
    | 'onSecrets'
    | 'timeoutMs'
    | 'stateDir'
    | 'by'
    | 'runUrl'
    | 'trigger'
    | 'hostEnv'
    | 'signal'
    | 'mayTakeItsTime'
  > {
  /** owner/name */
  readonly repository: string;
}
