/** Of so many services the configuration is compared: nobody reads more, and YAML takes its time. */
export const mostCompared = 30;

/** How the configuration of a compose service differs from what it was, without secrets. */
export interface ComposeChange {
  readonly service: string;
  /** The targets for which the same differs. */
  readonly targets: readonly string[];
  /** Whether it was not there before. */
  readonly isNew: boolean;
  /** What of it concerns data that the service keeps; sentences. */
  readonly stateful: readonly string[];
  /** The hunks of a unified diff; empty where it could not be made. */
  readonly diff: string;
}

export interface ComposeChanges {
  readonly changes: readonly ComposeChange[];
  /** Services whose configuration could not be compared. */
  readonly unread: readonly { readonly service: string; readonly why: string }[];
  /** How many more may differ and were not compared. */
  readonly uncompared: number;
}
