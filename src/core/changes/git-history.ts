import type { RepositoryView } from '../project/view.ts';

/** What could be found out, or why not; the latter is an expected outcome, with a shallow clone and no network. */
export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly why: string };

export interface Tag {
  readonly name: string;
  readonly commit: string;
}

/**
 * The commits of a repository. A clone may hold only a few of them: what is lacking is fetched, by exact ids,
 * without touching the checkout.
 */
export interface GitHistory {
  /** The commit that a revision means in the checkout as it is; undefined when it means none. */
  resolve(revision: string): Promise<string | undefined>;
  parents(commit: string): Promise<readonly string[]>;
  /** Makes the folders of these commits readable; all or none. */
  obtain(commits: readonly string[]): Promise<Answer<void>>;
  /** Also true of a commit itself. */
  isAncestor(commit: string, descendant: string): Promise<Answer<boolean>>;
  /** The best common ancestor; undefined when the histories are unrelated. */
  mergeBase(a: string, b: string): Promise<Answer<string | undefined>>;
  /** The newest commit of a branch of the remote; without a name, of the default branch as the checkout knows it. */
  branchTip(branch: string | undefined): Promise<Answer<string>>;
  /** The commit of a tag or branch of the remote; undefined when there is none of that name. */
  named(kind: 'tags' | 'heads', name: string): Promise<Answer<string | undefined>>;
  /** The commits whose id begins so, among `descendant` and what comes before it. */
  beginningWith(prefix: string, descendant: string): Promise<Answer<readonly string[]>>;
  /** The nearest tag on an earlier commit that is an ancestor of this one. */
  previousTag(commit: string): Promise<Answer<Tag | undefined>>;
  /** The files of a commit that `resolve` or `obtain` gave. */
  view(commit: string): RepositoryView;
  /** Ends the processes and removes what was only needed for a while. */
  close(): Promise<void>;
}
