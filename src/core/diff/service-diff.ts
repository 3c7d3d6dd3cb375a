import type { Difference } from '../changes/differences.ts';
import type { ComposeChange } from '../preview/compose-changes.ts';
import type { ImageDiff } from './image-diffs.ts';
import type { NameDiff } from './name-diff.ts';

/** A file of a service that is not the same. */
export interface FileDiff extends Difference {
  /** Lines; undefined where none are compared. */
  readonly added: number | undefined;
  readonly removed: number | undefined;
  /** Why no lines are compared; empty where they are. */
  readonly note: string;
  /** The hunks of a unified diff, without secrets; empty where no lines are compared. */
  readonly diff: string;
}

/** One state of a service. */
export interface DiffSide {
  /** Of a worker its version; undefined for a commit that was not deployed. */
  readonly release: string | undefined;
  readonly commit: string;
}

/** What a deployment would change of what serves. */
export interface ServiceDiff {
  readonly service: string;
  readonly target: string;
  readonly from: DiffSide;
  readonly to: DiffSide;
  /** Whether a deployment would find anything to do. */
  readonly differs: boolean;
  /** Why the service counts as changed; clauses. */
  readonly reasons: readonly string[];
  readonly files: readonly FileDiff[];
  /** Whether there are more files than are told. */
  readonly moreFiles: boolean;
  /** Of a compose service: how its resolved configuration differs; undefined where it does not, or has none. */
  readonly compose: ComposeChange | undefined;
  /** Why it could not be compared; empty where it was. */
  readonly uncompared: string;
  readonly images: readonly ImageDiff[];
  /** Names of variables, never their values. */
  readonly env: NameDiff;
  readonly secrets: NameDiff & {
    /** Whether those that are in both have other values; undefined where not all of them were given. */
    readonly rotated: boolean | undefined;
  };
  /** In what way that which runs is not what was released. */
  readonly drift: readonly string[];
}
