import type { EventFacts } from './event.ts';

export type Since = 'last-success' | 'event';

/** One way to find the state to compare with. The first that succeeds decides; the last one always does. */
export type BaseStep =
  /** What a person asked for: an id, or any revision that the checkout knows. */
  | { readonly kind: 'revision'; readonly revision: string }
  | { readonly kind: 'commit'; readonly commit: string; readonly title: string }
  /** The first parent of the commit, where that is the merge of the pull request. */
  | { readonly kind: 'merge-parent'; readonly pullRequest: PullRequest }
  /** The merge base with the pull request's base branch, as it was when the run was started. */
  | { readonly kind: 'pull-request-merge-base'; readonly pullRequest: PullRequest }
  /** The merge base with a branch; without a name, with the default branch as the checkout knows it. */
  | { readonly kind: 'branch-merge-base'; readonly branch: string | undefined }
  | {
      readonly kind: 'last-success';
      readonly branch: string;
      /** After a forced push: where the branch was, which counts too, and need be no ancestor. */
      readonly forcedFrom: string | undefined;
      /** What holds when there is no such run; when that can't be found out, the next step does. */
      readonly whenNone: readonly BaseStep[];
    }
  | { readonly kind: 'previous-tag'; readonly tag: string }
  /** No base: every service counts as changed. `why` is a clause; `expected` when nobody need be warned. */
  | { readonly kind: 'everything'; readonly why: string; readonly expected: boolean };

interface PullRequest {
  readonly base: string;
  readonly head: string;
  /** The merge commit that GitHub made for the run. */
  readonly merge: string | undefined;
}

export interface BaseWishes {
  /** The `base` input. */
  readonly base?: string | undefined;
  readonly since: Since;
}

const noBase: BaseStep = { kind: 'everything', why: 'no base could be had', expected: false };

/** The steps for an event, in order of precedence: the table in the design, one rule a row. */
export function baseSteps(facts: EventFacts, wishes: BaseWishes): readonly BaseStep[] {
  const rules = [given, pullRequest, mergeGroup, tag, firstPush, forcedPush, push, terminal, other];
  for (const rule of rules) {
    const steps = rule(facts, wishes);
    if (steps !== undefined) return [...steps, noBase];
  }
  return [noBase];
}

type Rule = (facts: EventFacts, wishes: BaseWishes) => readonly BaseStep[] | undefined;

const given: Rule = (_facts, { base }) => {
  if (base === undefined) return undefined;
  // What `github.event.before` holds for the first push of a branch.
  if (/^0+$/.test(base)) return [{ kind: 'everything', why: 'the base given is no commit', expected: true }];
  return [{ kind: 'revision', revision: base }];
};

const pullRequest: Rule = (facts) => {
  if (facts.pullRequest === undefined) return undefined;
  const it = { ...facts.pullRequest, merge: facts.commit };
  return [
    { kind: 'merge-parent', pullRequest: it },
    { kind: 'pull-request-merge-base', pullRequest: it },
  ];
};

const mergeGroup: Rule = (facts) =>
  facts.mergeGroup && [
    { kind: 'commit', commit: facts.mergeGroup.base, title: 'the base of the merge group' },
  ];

const tag: Rule = (facts) =>
  facts.tag === undefined ? undefined : [{ kind: 'previous-tag', tag: facts.tag }];

const firstPush: Rule = (facts) => {
  if (facts.push === undefined || facts.push.before !== undefined) return undefined;
  return withoutHistory(facts, `this is the first push of ${facts.branch ?? 'the branch'}`, true);
};

const forcedPush: Rule = (facts, { since }) => {
  const before = facts.push?.before;
  if (before === undefined || facts.push?.forced !== true) return undefined;
  const step: BaseStep = { kind: 'commit', commit: before, title: 'the commit before the forced push' };
  if (since === 'event' || facts.branch === undefined) return [step];
  return [{ kind: 'last-success', branch: facts.branch, forcedFrom: before, whenNone: [step] }, step];
};

const push: Rule = (facts, { since }) => {
  const before = facts.push?.before;
  if (before === undefined) return undefined;
  const step: BaseStep = { kind: 'commit', commit: before, title: 'the commit before the push' };
  return since === 'event' ? [step] : [...lastSuccess(facts), step];
};

const terminal: Rule = (facts) =>
  facts.event === undefined ? [{ kind: 'branch-merge-base', branch: undefined }] : undefined;

const other: Rule = (facts, { since }) => {
  const steps = withoutHistory(facts, `there is nothing to compare a ${facts.event ?? 'run'} with`, true);
  return since === 'event' ? steps : [...lastSuccess(facts), ...steps];
};

function lastSuccess(facts: EventFacts): BaseStep[] {
  if (facts.branch === undefined) return [];
  const why = `no push run of this workflow has deployed on ${facts.branch} yet`;
  const whenNone = withoutHistory(facts, why, false);
  return [{ kind: 'last-success', branch: facts.branch, forcedFrom: undefined, whenNone }];
}

/** On another branch what it adds to the default branch; on the default branch, everything. */
function withoutHistory(facts: EventFacts, why: string, expected: boolean): readonly BaseStep[] {
  const isOther = facts.branch !== undefined && facts.branch !== facts.defaultBranch;
  return isOther && facts.defaultBranch !== undefined
    ? [{ kind: 'branch-merge-base', branch: facts.defaultBranch }]
    : [{ kind: 'everything', why, expected }];
}
