import type { ShownInstance } from '../../core/gpu/result.ts';
import type { FailurePolicy, GpuSettings } from '../../core/gpu/settings.ts';
import type { GpuAccess } from './access.ts';

/** What has to be known to find what a run has begun, should nothing else be left of it. No secret. */
export interface BegunGpu {
  readonly label: string;
  /** By which the run knows its instance again. */
  readonly run: string;
  /** At Linode, in milliseconds since 1970: nothing that is older was made by the run. */
  readonly since: number;
  readonly onFailure: FailurePolicy;
  /** Once it is known. */
  readonly id?: number | undefined;
}

export interface EnsureRequest extends GpuAccess, GpuSettings {
  /** Where files are looked for. */
  readonly cwd: string;
  /**
   * How long a run that is cancelled may take to delete what it has made, in milliseconds, where somebody does the rest;
   * undefined: nobody does, and it takes as long as any other.
   */
  readonly cancelledMs?: number | undefined;
  /** The commit, for the note of a StackScript's revision. */
  readonly revision: string | undefined;
  readonly dryRun: boolean;
  /** Told what is secret before it is used. */
  readonly onSecrets: (values: Iterable<string>) => void;
  /** Before the first thing that is made, and again as soon as the instance's id is known. */
  readonly onBegun?: (begun: BegunGpu) => void;
  /** As soon as there is one; `created`: by this run. */
  readonly onInstance?: (instance: ShownInstance, created: boolean) => void;
  /**
   * What was begun is taken back, or is to stay although the run fails: nothing is left to be seen to. Of a run that ends
   * well its caller says so, once it has told the result.
   */
  readonly onSettled?: () => void;
}
