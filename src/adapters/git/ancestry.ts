import type { Answer } from '../../core/changes/git-history.ts';
import { type GitPlace, git } from './command.ts';
import { wholeHistory } from './side-repository.ts';

/** A repository whose history may be cut short, and can be made longer. */
export interface Shallow {
  place(): Promise<GitPlace>;
  /** The commits at which history is cut off; none when it is whole. */
  ends(): Promise<readonly string[]>;
  /** Fetches so many commits behind each of these; only commits, no files. */
  fetch(tips: readonly string[], depth: number): Promise<Answer<void>>;
}

/** How many commits are fetched in a row: most ancestors are near, and a few requests are cheap. */
const depths = [50, 1000, wholeHistory] as const;

/** For a checkout that is cut short; a commit that is nowhere is not fetched for the question. */
export async function isAncestor(
  shallow: Shallow,
  commit: string,
  descendant: string,
): Promise<Answer<boolean>> {
  // In a history that is cut short, "no" counts only once nothing is cut off.
  let reached = await reach(shallow, [descendant]);
  const settled = () => reached.commits.has(commit) || !reached.cutShort;
  for (const depth of depths) {
    if (settled()) break;
    const fetched = await shallow.fetch([descendant], depth);
    if (!fetched.ok) return fetched;
    reached = await reach(shallow, [descendant]);
  }
  return { ok: true, value: reached.commits.has(commit) };
}

/** Both commits must be there already. */
export async function mergeBase(shallow: Shallow, a: string, b: string): Promise<Answer<string | undefined>> {
  let base = await bestCommon(shallow, a, b);
  for (const depth of depths) {
    if ((await shallow.ends()).length === 0) break;
    // A base is certain once all that is not behind it is there: what is cut off could hold a better one.
    const { cutShort } = await reach(shallow, base === undefined ? [a, b] : [a, b, `^${base}`]);
    if (!cutShort) break;
    const fetched = await shallow.fetch([a, b], depth);
    if (!fetched.ok) return fetched;
    base = await bestCommon(shallow, a, b);
  }
  return { ok: true, value: base };
}

async function bestCommon(shallow: Shallow, a: string, b: string): Promise<string | undefined> {
  const found = await git(await shallow.place(), ['merge-base', a, b]);
  return found.exitCode === 0 ? found.stdout.trim() : undefined;
}

interface Reach {
  readonly commits: ReadonlySet<string>;
  /** Whether the end of the history that is there hides some. */
  readonly cutShort: boolean;
}

async function reach(shallow: Shallow, revisions: readonly string[]): Promise<Reach> {
  const ends = await shallow.ends();
  const listed = await git(await shallow.place(), ['rev-list', ...revisions, '--']);
  if (listed.exitCode !== 0) return { commits: new Set(), cutShort: true };
  const commits = new Set(listed.stdout.split('\n'));
  return { commits, cutShort: ends.some((end) => commits.has(end)) };
}
