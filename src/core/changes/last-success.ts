import type { Answer } from './git-history.ts';

/** A push run of this workflow on a branch; the current run is never one of them. */
export interface PushRun {
  readonly id: number;
  readonly commit: string;
  readonly state: 'succeeded' | 'unfinished' | 'skipped';
}

/** Where runs are asked for. */
export interface PushRuns {
  /** The runs on a branch in pages, newest first. */
  pages(branch: string): AsyncIterable<readonly PushRun[]>;
  /** Of successful runs, those whose deploys were not skipped. */
  deployed(runs: readonly PushRun[]): Promise<ReadonlySet<PushRun>>;
}

export interface LastSuccess {
  /** undefined when no run counts. */
  readonly success: PushRun | undefined;
  /**
   * Later runs, newest first, each of which may have deployed something: those that failed, were cancelled or
   * still run, and those whose commit a forced push has taken away since.
   */
  readonly later: readonly PushRun[];
}

/** A look at the jobs of a run costs a request; nearly always the first run looked at is the one. */
const [firstLook, furtherLooks] = [1, 8];

/** The newest successful run that `counts` and that deployed, and what may have been deployed since. */
export async function findLastSuccess(
  runs: PushRuns,
  branch: string,
  counts: (commit: string) => Promise<Answer<boolean>>,
): Promise<Answer<LastSuccess>> {
  const later: PushRun[] = [];
  const deployed = lookAtJobs(runs);
  for await (const page of runs.pages(branch)) {
    for (const [index, run] of page.entries()) {
      if (run.state === 'unfinished') later.push(run);
      if (run.state !== 'succeeded') continue;
      if (!(await deployed(run, page.slice(index)))) continue;
      const counted = await counts(run.commit);
      if (!counted.ok) return counted;
      if (counted.value) return { ok: true, value: { success: run, later } };
      // A forced push took its commit away, but what it deployed is still there.
      later.push(run);
    }
  }
  return { ok: true, value: { success: undefined, later } };
}

/** Whether a run deployed; looks at several runs at once when the first look was in vain. */
function lookAtJobs(runs: PushRuns): (run: PushRun, following: readonly PushRun[]) => Promise<boolean> {
  const answers = new Map<PushRun, boolean>();
  return async (run, following) => {
    if (!answers.has(run)) {
      const looks = answers.size === 0 ? firstLook : furtherLooks;
      const asked = following.filter(({ state }) => state === 'succeeded').slice(0, looks);
      const deployed = await runs.deployed(asked);
      for (const it of asked) answers.set(it, deployed.has(it));
    }
    return answers.get(run) ?? false;
  };
}
