import { git } from '../adapters/git/command.ts';
import { quietGit } from '../adapters/snapshot/git.ts';

/**
 * Files of a folder that differ from the commit, or are not in it and not ignored: what a person may think is in the
 * commit, and is not. Paths from the top of the repository.
 */
export async function listUncommitted({
  top,
  folder,
}: {
  readonly top: string;
  readonly folder: string;
}): Promise<readonly string[]> {
  const args = ['status', '--porcelain', '--no-renames', '-z', '--untracked-files=normal', '--', folder];
  const answer = await git(quietGit(top), args);
  if (answer.exitCode !== 0) return [];
  return answer.stdout.split('\0').flatMap((line) => (line === '' ? [] : [line.slice(3)]));
}
