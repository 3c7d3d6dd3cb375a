import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';
import { type GitOutcome, type GitPlace, git, gitPlace } from '../git/command.ts';

/** An action's inputs, and what a terminal hands over instead. */
const forLaunchOnly = /^(INPUT_|LAUNCH_SECRETS$|SOPS_AGE_KEY)/;

/** What Launch reads and writes in a repository while it deploys: no hook runs, no path is taken for a pattern. */
export function quietGit(top: string): GitPlace {
  const place = gitPlace(top, true);
  return {
    ...place,
    options: [...place.options, '--literal-pathspecs', '-c', 'core.hooksPath=/dev/null'],
    // A filter such as LFS has no business with what Launch was given, secrets among it.
    env: Object.fromEntries(Object.entries(place.env).filter(([name]) => !forLaunchOnly.test(name))),
  };
}

/** @throws LaunchError DISK_FULL or CONFIG_INVALID with git's own words */
export function gitOk(result: GitOutcome, what: string): string {
  if (result.exitCode === 0) return result.stdout;
  // git says of a file that it could not write only this, and there is hardly another reason for it.
  if (/no space left on device|disk quota exceeded|unable to write (file|new index)/i.test(result.stderr)) {
    throw new LaunchError('DISK_FULL', `The disk is full: git could not ${what}.`, {
      remedy: 'Free space there, or name another folder as `state-dir`. Nothing has been changed.',
    });
  }
  const said = printable(result.stderr.trim().split('\n').at(-1) ?? '', 300);
  throw new LaunchError('CONFIG_INVALID', `git could not ${what}: ${said}.`, {
    remedy: 'Check that actions/checkout ran before and that the commit is complete.',
  });
}

/** An entry of a commit, as `ls-tree` tells it. */
export interface TreeEntry {
  readonly mode: string;
  readonly type: string;
  readonly id: string;
  /** From the top of the repository. */
  readonly path: string;
}

/** Everything at and below `path`, folders too; '' is the top. */
export async function listTree(place: GitPlace, commit: string, path: string): Promise<TreeEntry[]> {
  const only = path === '' ? [] : ['--', path];
  const result = await git(place, ['ls-tree', '-r', '-t', '-z', '--full-tree', commit, ...only]);
  return parseTree(gitOk(result, 'list the files of the commit'));
}

/** The entries at exactly these paths; what git doesn't track is left out. */
export async function lookUp(
  place: GitPlace,
  commit: string,
  paths: readonly string[],
): Promise<TreeEntry[]> {
  if (paths.length === 0) return [];
  const result = await git(place, ['ls-tree', '-z', '--full-tree', commit, '--', ...paths]);
  return parseTree(gitOk(result, 'look up files of the commit'));
}

function parseTree(output: string): TreeEntry[] {
  return output.split('\0').flatMap((line) => {
    const match = /^(\d{6}) (\w+) ([0-9a-f]+)\t([\s\S]+)$/.exec(line);
    const [, mode, type, id, path] = match ?? [];
    return mode === undefined || type === undefined || id === undefined || path === undefined
      ? []
      : [{ mode, type, id, path }];
  });
}
