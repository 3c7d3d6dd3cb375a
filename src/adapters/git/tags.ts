import type { Tag } from '../../core/changes/git-history.ts';
import { type GitPlace, git } from './command.ts';

/**
 * Of the tags that are there, the one nearest to `commit` among its ancestors: the one that the fewest
 * commits came after. Tags on the commit itself don't count, they say nothing about an earlier state.
 */
export async function nearestTag(place: GitPlace, commit: string): Promise<Tag | undefined> {
  const listed = await git(place, [
    'for-each-ref',
    `--merged=${commit}`,
    '--format=%(objectname) %(*objectname) %(refname:strip=2)',
    'refs/tags',
  ]);
  if (listed.exitCode !== 0) return undefined;
  const names = new Map<string, string>();
  for (const line of listed.stdout.split('\n')) {
    const [id = '', peeled = '', ...name] = line.split(' ');
    const target = peeled === '' ? id : peeled;
    if (target !== '' && target !== commit) names.set(target, name.join(' '));
  }
  const candidates = await newest(place, [...names.keys()]);
  const [nearest] = await byDistance(place, candidates, commit);
  return nearest === undefined ? undefined : { commit: nearest, name: names.get(nearest) ?? '' };
}

/** Those that are no ancestor of another one. */
async function newest(place: GitPlace, commits: readonly string[]): Promise<string[]> {
  if (commits.length < 2) return [...commits];
  const independent = await git(place, ['merge-base', '--independent', ...commits]);
  return independent.stdout.split('\n').filter((id) => id !== '');
}

async function byDistance(place: GitPlace, tags: readonly string[], commit: string): Promise<string[]> {
  if (tags.length < 2) return [...tags];
  const measured = await Promise.all(
    tags.map(async (tag) => {
      const counted = await git(place, ['rev-list', '--count', `${tag}..${commit}`, '--']);
      return { tag, distance: counted.exitCode === 0 ? Number(counted.stdout) : Number.POSITIVE_INFINITY };
    }),
  );
  return measured.sort((a, b) => a.distance - b.distance).map(({ tag }) => tag);
}
