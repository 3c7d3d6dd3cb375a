/** What is known of the event that started a run; every id is one, every name may be anything. */
export interface EventFacts {
  /** `push`, `pull_request`, …; undefined at a terminal. */
  readonly event: string | undefined;
  /** The commit that the run is about. */
  readonly commit?: string;
  readonly branch?: string;
  readonly tag?: string;
  readonly defaultBranch?: string;
  readonly push?: {
    /** Where the branch was before; absent when it is new. */
    readonly before?: string;
    readonly forced: boolean;
  };
  readonly pullRequest?: { readonly base: string; readonly head: string };
  readonly mergeGroup?: { readonly base: string };
}
