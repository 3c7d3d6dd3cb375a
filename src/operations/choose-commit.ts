import type { GitHistory } from '../core/changes/git-history.ts';
import { inputPlace, LaunchError } from '../core/errors.ts';
import { printable } from '../core/names.ts';

/**
 * The full id of a commit that a person chose by its id, by the beginning of it, by a tag or by a branch. It has to be
 * `tip` or come before it: a server hands out the commits of every fork under their ids, and whoever may open a pull
 * request could have one deployed.
 *
 * @param tip the newest commit of the branch or tag that the run is for
 * @throws LaunchError BASE_UNAVAILABLE when it is no commit, UNTRUSTED_EVENT when it is not part of that history
 */
export async function chooseCommit(history: GitHistory, asked: string, tip: string): Promise<string> {
  const shown = printable(asked, 80);
  const commit = await findCommit(history, asked, tip);
  const isPart = await history.isAncestor(commit, tip);
  if (!isPart.ok) throw unavailable(`Whether "${shown}" may be deployed can't be found out: ${isPart.why}.`);
  if (isPart.value) {
    const obtained = await history.obtain([commit]);
    if (obtained.ok) return commit;
    throw unavailable(`The files of "${shown}" can't be had: ${obtained.why}.`);
  }
  throw new LaunchError(
    'UNTRUSTED_EVENT',
    `"${shown}"${shown === commit ? '' : ` (${commit.slice(0, 12)})`} is not part of the history of the branch or tag that this workflow runs on.`,
    {
      place: inputPlace('commit'),
      remedy:
        'Only what has been merged there is deployed. Merge it first, or run the workflow on the branch that has it.',
    },
  );
}

async function findCommit(history: GitHistory, asked: string, tip: string): Promise<string> {
  const shown = printable(asked, 80);
  if (/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i.test(asked)) return asked.toLowerCase();
  const faults: string[] = [];
  for (const kind of ['tags', 'heads'] as const) {
    const named = await history.named(kind, asked);
    if (named.ok && named.value !== undefined) return named.value;
    if (!named.ok) faults.push(named.why);
  }
  if (/^[0-9a-f]{4,}$/i.test(asked)) {
    const found = await history.beginningWith(asked.toLowerCase(), tip);
    if (!found.ok) faults.push(found.why);
    else if (found.value.length > 1) {
      throw unavailable(
        `"${shown}" is the beginning of ${found.value.length} commits' ids.`,
        'Write more of it.',
      );
    } else if (found.value[0] !== undefined) return found.value[0];
  }
  const why = faults.length === 0 ? '' : ` (${faults.map((it) => printable(it, 200)).join('; ')})`;
  throw unavailable(`"${shown}" is no commit, tag or branch of this repository${why}.`);
}

function unavailable(summary: string, remedy?: string): LaunchError {
  return new LaunchError('BASE_UNAVAILABLE', summary, {
    place: inputPlace('commit'),
    remedy: remedy ?? 'Check the name; `git log` lists the commits. Empty means the newest one.',
  });
}
