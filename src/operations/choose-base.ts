import type { BaseStep } from '../core/changes/base-rules.ts';
import type { Answer, GitHistory } from '../core/changes/git-history.ts';
import { findLastSuccess, type LastSuccess, type PushRuns } from '../core/changes/last-success.ts';
import { LaunchError } from '../core/errors.ts';
import { printable } from '../core/names.ts';

/** A state to compare with. */
export interface Base {
  readonly commit: string;
  /** `retry`: a later run that did not succeed may have deployed this. */
  readonly role: 'base' | 'retry';
}

export interface ChosenBase {
  /** The first is the base that people are told; none means that every service counts as changed. */
  readonly bases: readonly Base[];
  /** How the base was chosen, or why there is none; a clause. */
  readonly title: string;
  /** What could not be done on the way, and what follows from it; sentences. */
  readonly warnings: readonly string[];
}

export interface BaseSources {
  readonly history: GitHistory;
  readonly head: string;
  /** Where workflow runs can be asked for, or why they can't. */
  runs(): Promise<Answer<PushRuns>>;
}

type Outcome =
  | { readonly kind: 'found'; readonly bases: readonly Base[]; readonly title: string }
  | { readonly kind: 'everything'; readonly why: string; readonly expected: boolean }
  /** It does not apply here. */
  | { readonly kind: 'next' }
  /** It applies and could not be done. */
  | { readonly kind: 'failed'; readonly why: string };

/** Tries the steps in order; a base that can't be had leads to the next one and to a warning. */
export async function chooseBase(steps: readonly BaseStep[], sources: BaseSources): Promise<ChosenBase> {
  const failures: string[] = [];
  for (const step of steps) {
    const outcome = await perform(step, sources);
    if (outcome.kind === 'next') continue;
    if (outcome.kind === 'failed') failures.push(outcome.why);
    if (outcome.kind === 'found') {
      const warnings = failures.map((why) => `${sentence(why)} Compared with ${outcome.title} instead.`);
      return { bases: outcome.bases, title: outcome.title, warnings };
    }
    if (outcome.kind === 'everything') {
      const whys = failures.length > 0 || outcome.expected ? failures : [outcome.why];
      const warnings = whys.map((why) => `${sentence(why)} Every service counts as changed.`);
      return { bases: [], title: failures[0] ?? outcome.why, warnings };
    }
  }
  throw new Error('The steps to a base must end with "everything".');
}

function perform(step: BaseStep, sources: BaseSources): Promise<Outcome> | Outcome {
  switch (step.kind) {
    case 'revision':
      return fromRevision(step.revision, sources);
    case 'commit':
      return fromCommit(step.commit, step.title, sources);
    case 'merge-parent':
      return fromMergeParent(step.pullRequest, sources);
    case 'pull-request-merge-base':
      return fromPullRequest(step.pullRequest, sources);
    case 'branch-merge-base':
      return fromBranch(step.branch, sources);
    case 'last-success':
      return fromLastSuccess(step, sources);
    case 'previous-tag':
      return fromPreviousTag(sources);
    case 'everything':
      return step;
  }
}

async function fromRevision(revision: string, sources: BaseSources): Promise<Outcome> {
  const { history } = sources;
  const title = `${printable(revision, 80)}, as asked for`;
  const commit =
    (await history.resolve(revision)) ?? (await history.resolve(`refs/remotes/origin/${revision}`));
  if (commit !== undefined) return found(commit, title);
  if (isCommitId(revision)) return fromCommit(revision.toLowerCase(), title, sources);
  return { kind: 'failed', why: `the base "${printable(revision, 80)}" is no commit of this repository` };
}

async function fromCommit(commit: string, title: string, { history }: BaseSources): Promise<Outcome> {
  const obtained = await history.obtain([commit]);
  return obtained.ok ? found(commit, title) : { kind: 'failed', why: obtained.why };
}

type PullRequest = Extract<BaseStep, { kind: 'merge-parent' }>['pullRequest'];

async function fromMergeParent(pullRequest: PullRequest, sources: BaseSources): Promise<Outcome> {
  const { history, head } = sources;
  const [first, ...others] = await history.parents(head);
  if (first === undefined || others.length === 0) return { kind: 'next' };
  // Without this a merge of the base branch into the pull request's own would be taken for GitHub's merge.
  if (head !== pullRequest.merge && !others.includes(pullRequest.head)) return { kind: 'next' };
  return fromCommit(first, 'the base branch, the first parent of the merge commit', sources);
}

async function fromPullRequest(pullRequest: PullRequest, sources: BaseSources): Promise<Outcome> {
  const { history } = sources;
  // GitHub's merge commit knows the base branch as it was; the payload's may be older, the branch's tip newer.
  const merge = pullRequest.merge;
  const parents =
    merge !== undefined && (await history.obtain([merge])).ok ? await history.parents(merge) : [];
  const [first] = parents;
  const base = first !== undefined && parents.slice(1).includes(pullRequest.head) ? first : pullRequest.base;
  return fromMergeBase(base, 'the merge base with the base branch', sources);
}

async function fromBranch(branch: string | undefined, sources: BaseSources): Promise<Outcome> {
  const tip = await sources.history.branchTip(branch);
  // At a terminal a repository without a remote is nothing to warn of.
  if (!tip.ok && branch === undefined) return { kind: 'everything', why: tip.why, expected: true };
  if (!tip.ok) return { kind: 'failed', why: tip.why };
  const outcome = await fromMergeBase(
    tip.value,
    `the merge base with ${printable(branch ?? 'the default branch')}`,
    sources,
  );
  // At a terminal, on the default branch itself, nothing says what is new.
  const isOnIt =
    branch === undefined && outcome.kind === 'found' && outcome.bases[0]?.commit === sources.head;
  return isOnIt
    ? { kind: 'everything', why: 'the commit is part of the default branch', expected: true }
    : outcome;
}

async function fromMergeBase(other: string, title: string, sources: BaseSources): Promise<Outcome> {
  const base = await sources.history.mergeBase(sources.head, other);
  if (!base.ok) return { kind: 'failed', why: base.why };
  if (base.value === undefined) {
    return { kind: 'failed', why: `the commit shares no history with ${other.slice(0, 12)}` };
  }
  return fromCommit(base.value, title, sources);
}

async function fromPreviousTag(sources: BaseSources): Promise<Outcome> {
  const tag = await sources.history.previousTag(sources.head);
  if (!tag.ok) return { kind: 'failed', why: tag.why };
  if (tag.value === undefined) {
    return { kind: 'everything', why: 'there is no earlier tag', expected: true };
  }
  return fromCommit(tag.value.commit, `the tag ${printable(tag.value.name, 80)} before it`, sources);
}

type LastSuccessStep = Extract<BaseStep, { kind: 'last-success' }>;

async function fromLastSuccess(step: LastSuccessStep, sources: BaseSources): Promise<Outcome> {
  const last = await askForLastSuccess(step, sources);
  if (!last.ok) {
    return { kind: 'failed', why: `the last successful run could not be found: ${last.why}` };
  }
  const { success, later } = last.value;
  const retries = later.map(({ commit }): Base => ({ commit, role: 'retry' }));
  let bases: readonly Base[] = success === undefined ? [] : [{ commit: success.commit, role: 'base' }];
  let title = `the last successful run's commit`;
  if (step.forcedFrom !== undefined) {
    bases = [{ commit: step.forcedFrom, role: 'base' }, ...bases];
    title = 'the commit before the forced push';
  } else if (success === undefined) {
    // What there is instead says where to begin; what failed runs may have left still counts.
    const instead = await chooseBase([...step.whenNone, unknownBase], sources);
    if (instead.bases.length === 0) {
      return { kind: 'everything', why: instead.title, expected: instead.warnings.length === 0 };
    }
    ({ bases, title } = instead);
  }
  const all = distinct([...bases, ...retries]);
  const obtained = await sources.history.obtain(all.map(({ commit }) => commit));
  // Fewer bases could mean fewer services, so there is no going on without one of them.
  if (!obtained.ok) return { kind: 'everything', why: obtained.why, expected: false };
  return { kind: 'found', bases: all, title };
}

const unknownBase: BaseStep = { kind: 'everything', why: 'no base could be had', expected: false };

async function askForLastSuccess(
  step: LastSuccessStep,
  { history, head, runs }: BaseSources,
): Promise<Answer<LastSuccess>> {
  const asked = await runs();
  if (!asked.ok) return asked;
  try {
    return await findLastSuccess(asked.value, step.branch, async (commit) =>
      // After a forced push what was deployed last is no ancestor, and yet what serves now.
      step.forcedFrom === undefined ? history.isAncestor(commit, head) : { ok: true, value: true },
    );
  } catch (error) {
    if (!(error instanceof LaunchError)) throw error;
    const permission = error.code === 'API_AUTH' ? ' (the job needs the permission actions: read)' : '';
    return { ok: false, why: `${error.summary.replace(/\.$/, '')}${permission}` };
  }
}

function distinct(bases: readonly Base[]): Base[] {
  const byCommit = new Map<string, Base>();
  for (const base of bases) if (!byCommit.has(base.commit)) byCommit.set(base.commit, base);
  return [...byCommit.values()];
}

function found(commit: string, title: string): Outcome {
  return { kind: 'found', bases: [{ commit, role: 'base' }], title };
}

function isCommitId(text: string): boolean {
  return /^([0-9a-f]{40}|[0-9a-f]{64})$/i.test(text);
}

function sentence(clause: string): string {
  return `${clause.charAt(0).toUpperCase()}${clause.slice(1)}.`;
}
