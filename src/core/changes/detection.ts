import type { Reason } from './reasons.ts';

/** Which services changed between two states, and why. */
export interface Detection {
  /** Changed services, sorted; those that are not enabled, too: they are validated, though never deployed. */
  readonly services: readonly string[];
  /** Services whose folder, as a service, is gone. */
  readonly deleted: readonly string[];
  readonly reasons: Readonly<Record<string, readonly Reason[]>>;
  /** The commit compared with; undefined when every service, or those asked for, count. */
  readonly base: string | undefined;
  /**
   * All commits compared with: `base`, and after it what later runs may have deployed, the newest first. Absent
   * where nothing was compared.
   */
  readonly bases?: readonly string[];
  /** Those of the changed services that may go elsewhere than at one of the `bases`, or in another way. */
  readonly relocated?: readonly string[];
  /** undefined in a repository without commits. */
  readonly head: string | undefined;
  /** How the base was chosen, or why there is none; a clause. */
  readonly baseTitle: string;
  /** Whether a person chose the commit. */
  readonly chosen?: true;
  readonly warnings: readonly string[];
  /** How many services there are. */
  readonly total: number;
}
