import type { SnapshotEntries } from '../../adapters/snapshot/take-snapshot.ts';
import type { ContainerBefore, JournalEntry, NetworkBefore, Switching } from '../../core/deploy/journal.ts';
import type { Release } from '../../core/deploy/release.ts';
import type { Failure } from '../../core/deploy/result.ts';
import type { HealthCheck } from '../../core/health/check.ts';

/** A release that is being made. */
export interface Draft {
  readonly id: string;
  /** Absolute: `releases/<id>`. */
  readonly path: string;
  readonly entries: SnapshotEntries;
}

/** What is known of a release before it starts. */
export type PreparedDetails = Pick<Release, 'mounts' | 'route' | 'ports' | 'adopted'> & {
  readonly project?: string;
  readonly images?: Release['images'];
  readonly oldCompose?: boolean;
};

/** What is known of it once it runs. */
export interface RunningDetails {
  readonly images: Release['images'];
  readonly containers: Release['containers'];
  /** Names of the containers that it made, and of those it left as they were. */
  readonly made: readonly string[];
  readonly kept: readonly string[];
}

/** What is gone for good, and what of it stays. */
export interface TakenDown {
  /** By name. */
  readonly containers: readonly string[];
  readonly volumes: readonly string[];
  readonly notices: readonly string[];
}

export interface BeforeStart {
  readonly project?: string;
  readonly before: readonly ContainerBefore[];
  readonly networks?: readonly NetworkBefore[];
  /** Image names that the start points elsewhere, and what they stand for now. */
  readonly tags?: Readonly<Record<string, string>>;
  readonly switching?: Switching;
}

/** A release to verify; `snapshot` is undefined for what no release of ours had started. */
export interface Verifiable {
  readonly id: string;
  readonly snapshot: string | undefined;
  readonly folder: string;
  /** LAUNCH_PORT of a release of before: the range of its target may be another one now. */
  readonly port?: number | undefined;
  /** Ids of its containers, where others may be there that are not its own. */
  readonly containers?: ReadonlySet<string>;
}

/** What the journal says of a release that was started. */
export type Started = Pick<
  JournalEntry,
  'project' | 'before' | 'networks' | 'switching' | 'previous' | 'release' | 'tags'
>;

/** What was looked at before a start, as its journal tells. */
export function beforeOf({ before = [], project, networks, switching, tags }: Started): BeforeStart {
  return {
    before,
    ...(project === undefined ? {} : { project }),
    ...(networks === undefined ? {} : { networks }),
    ...(switching === undefined ? {} : { switching }),
    ...(tags === undefined ? {} : { tags }),
  };
}

/** `nothing`: there was nothing before, so what the failed release had started is gone, and that is all. */
export type PutBack = 'done' | 'nothing' | Failure;

/** Where the edge proxy takes requests for a service. */
export interface Entrance {
  /** By which this host reaches the proxy. */
  readonly address: string;
  readonly port: number;
  readonly tls: boolean;
  readonly host: string;
  readonly path: string;
}

/** How a service gets onto the host; the envelope around it is the same for all. */
export interface Driver {
  /** @throws LaunchError when it can't work on this host. Touches nothing. */
  assertReady(): Promise<void>;
  /** Whether what the release has started runs as it was left. */
  isRunning(release: Release): Promise<boolean>;
  /** The checks of a release as they are to be asked now: where it is reached only through the edge, its containers. */
  direct(checks: readonly HealthCheck[], release: Release): Promise<readonly HealthCheck[]>;
  /**
   * Pulls, builds and writes what the start needs. Nothing stops.
   *
   * @throws LaunchError when it can't be had, or when the place is somebody else's
   */
  prepare(draft: Draft, current: Release | undefined): Promise<PreparedDetails>;
  /** What runs now; noted down before anything of it is touched. */
  lookBefore(draft: Draft): Promise<BeforeStart>;
  /** Makes sure that what `lookBefore` saw can come back. */
  keep(draft: Draft, before: BeforeStart): Promise<void>;
  start(draft: Draft, before: BeforeStart): Promise<Failure | undefined>;
  /** The last lines of what did not start. */
  explain(before: BeforeStart): Promise<readonly string[]>;
  /** Waits until what was started is in order; undefined when it is. */
  verify(release: Verifiable, before: BeforeStart): Promise<Failure | undefined>;
  /** Leads traffic to what was verified. What served before is still there, so that it can be led back. */
  switchOver(release: Verifiable, before: BeforeStart): Promise<Failure | undefined>;
  /** What has become of a verified release since; undefined when it is as it was. */
  lookOnceMore(release: string, before: BeforeStart): Promise<Failure | undefined>;
  /** Whether requests go to what served before, and to nothing else: where a release failed and was left there. */
  servesAsBefore(before: BeforeStart): Promise<boolean>;
  /**
   * Lets what served before end its work, and removes it: from here there is no way back. Can be done again. With a
   * failure of the new release nothing was removed.
   */
  retire(before: BeforeStart): Promise<Failure | undefined>;
  /** Where requests of the outside come in; undefined where only the service's own checks can tell. */
  entrance(): Promise<Entrance | undefined>;
  describe(before: BeforeStart): Promise<RunningDetails>;
  /** Brings back what ran before; whether it is healthy is for `verify`. */
  putBack(start: Started): Promise<PutBack>;
  /** Removes what has come up beside what was put back: the engine may have been at it still. */
  clear(before: BeforeStart): Promise<void>;
  /** Gives what the release runs a name of its own, so that it is there when the release is to come back. */
  keepImages(release: Release): Promise<void>;
  /** Lets go of the images of releases that are gone, and removes those that were this service's own. */
  forgetImages(gone: readonly Release[], staying: readonly Release[]): Promise<void>;
  /** Lets go of what `keep` has kept. */
  settle(project: string | undefined): Promise<void>;
  /**
   * Why a release can't be taken down here without a person; undefined when it can. Touches nothing.
   *
   * @throws LaunchError CONFIG_INVALID when what runs in its place is somebody else's
   */
  mayTakeDown(release: Release): Promise<string | undefined>;
  /** Takes down for good what the release has started; what holds data stays. Can be done again. */
  takeDown(release: Release): Promise<TakenDown | Failure>;
  /** What would be done, for a rehearsal; `draft` is in a temporary folder. */
  rehearse(draft: Draft, current: Release | undefined): Promise<string[]>;
  close(): void;
}
