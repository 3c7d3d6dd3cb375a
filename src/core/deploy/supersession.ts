/** Where a run stands among those of its workflow on its branch. */
export interface RunOrder {
  /** What its number counts: the runs of one workflow on one branch. */
  readonly line: string;
  readonly run: number;
  /** From 2 on somebody has started it again. */
  readonly attempt: number;
}

/** A commit that is live or is to be, and the run that brings it. */
export interface Candidate {
  readonly commit: string;
  readonly order?: RunOrder | undefined;
  /** Somebody named the commit: that it is an older one is meant. */
  readonly chosen?: boolean | undefined;
}

/**
 * `overtaken`: a run that waited in line while a newer one deployed; what it was for is live already, in a newer
 * form. `refused`: somebody asks for an older commit; that is what a rollback or `force` is for.
 */
export type Supersession =
  | { readonly kind: 'none' }
  | { readonly kind: 'overtaken' | 'refused'; readonly because: string };

/**
 * Whether deploying would replace a newer commit by an older one. Runs of the same workflow on the same branch
 * are told apart by their numbers: of a branch that was reset the later run is right although its commit is the
 * older one. All others by ancestry; where that can't be known, nothing is superseded.
 */
export async function judgeSupersession(
  asked: Candidate,
  live: Candidate,
  isAncestor: (older: string, newer: string) => Promise<boolean>,
): Promise<Supersession> {
  if (asked.commit === live.commit) return { kind: 'none' };
  const [mine, theirs] = [asked.order, live.order];
  if (mine !== undefined && theirs !== undefined && mine.line === theirs.line) {
    if (mine.run >= theirs.run) return { kind: 'none' };
    return {
      kind: mine.attempt > 1 ? 'refused' : 'overtaken',
      because: `run ${theirs.run} of the same branch has deployed ${short(live)}, and this is run ${mine.run}`,
    };
  }
  if (asked.chosen === true) return { kind: 'none' };
  if (!(await isAncestor(asked.commit, live.commit))) return { kind: 'none' };
  return { kind: 'refused', because: `${short(live)} is live, which comes after ${short(asked)}` };
}

function short({ commit }: Candidate): string {
  return commit.slice(0, 12);
}

/** A release that serves, and when it was deployed. */
export interface LiveCandidate extends Candidate {
  /** ISO 8601. */
  readonly at: string;
}

/**
 * Why a commit that took a service out must not take down what serves of it; undefined when it may. Here a doubt counts
 * against it: what was deployed after that commit was made, and can't be placed before it, stays.
 *
 * `comesAfter`: undefined where the history does not tell; `madeAt`: when the asking commit was made.
 */
export async function judgeRemoval(
  asked: Candidate & { readonly madeAt: Date | undefined },
  live: LiveCandidate,
  comesAfter: (older: string, newer: string) => Promise<boolean | undefined>,
): Promise<string | undefined> {
  const [mine, theirs] = [asked.order, live.order];
  if (mine !== undefined && theirs !== undefined && mine.line === theirs.line) {
    if (mine.run >= theirs.run) return undefined;
    return `run ${theirs.run} of the same branch has deployed ${short(live)}, and this is run ${mine.run}`;
  }
  if (asked.commit === live.commit) return `it was deployed from this very commit, ${short(live)}`;
  const isLater = await comesAfter(asked.commit, live.commit);
  if (isLater === true) return `${short(live)} is live, which comes after ${short(asked)}`;
  if (isLater === false || asked.madeAt === undefined || Date.parse(live.at) <= asked.madeAt.getTime()) {
    return undefined;
  }
  return `${short(live)} was deployed after ${short(asked)} was made, and this checkout can't tell which of them is newer`;
}
