import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type GitOutcome, git, gitPlace } from '../git/command.ts';

/** A file of a checkout, as it is listed; nothing of it is read. */
export interface ListedFile {
  /** Relative to the top. A byte that is no UTF-8 has become U+FFFD. */
  readonly path: string;
  readonly kind: 'file' | 'symlink' | 'submodule';
  /** Its mode in git's index; undefined where git does not know the file. */
  readonly executableInGit: boolean | undefined;
}

export interface Listing {
  readonly files: readonly ListedFile[];
  /** Why git could not be asked; undefined when it was. */
  readonly withoutGit: string | undefined;
}

/**
 * The files of the checkout at `top`: what git tracks, and what is neither tracked nor ignored. Two processes,
 * whatever the number of files. Where git can't be asked, all the files that lie there.
 */
export async function listFiles(top: string, trusted: boolean): Promise<Listing> {
  if (statSync(join(top, '.git'), { throwIfNoEntry: false }) === undefined) {
    return { files: walk(top, ''), withoutGit: 'the folder is not a git checkout' };
  }
  const place = gitPlace(top, trusted);
  const quiet = ['-c', 'core.fsmonitor=false', '-c', 'core.quotePath=false'];
  const [tracked, others] = await Promise.all([
    git(place, [...quiet, 'ls-files', '--stage', '-z']),
    git(place, [...quiet, 'ls-files', '--others', '--exclude-standard', '-z']),
  ]);
  const failed = [tracked, others].find((outcome) => outcome.exitCode !== 0);
  if (failed !== undefined) return { files: walk(top, ''), withoutGit: reasonOf(failed) };
  return { files: [...parseStaged(tracked.stdout), ...parseOthers(others.stdout)], withoutGit: undefined };
}

/** The files below a folder, from the file system alone: for submodules, and where there is no git. */
export function walk(top: string, folder: string): ListedFile[] {
  const children = readdirSync(join(top, folder), { withFileTypes: true });
  return children.flatMap((child): ListedFile[] => {
    if (child.name === '.git' || child.name === 'node_modules') return [];
    const path = folder === '' ? child.name : `${folder}/${child.name}`;
    if (child.isDirectory()) return walk(top, path);
    if (child.isSymbolicLink()) return [{ path, kind: 'symlink', executableInGit: undefined }];
    return child.isFile() ? [{ path, kind: 'file', executableInGit: undefined }] : [];
  });
}

/** `<mode> <id> <stage>\t<path>`; a path in conflict has several stages, and is one file all the same. */
function parseStaged(output: string): ListedFile[] {
  const files = new Map<string, ListedFile>();
  for (const record of output.split('\0')) {
    const tab = record.indexOf('\t');
    if (tab < 0) continue;
    const path = record.slice(tab + 1);
    const mode = record.slice(0, 6);
    const kind = mode === '120000' ? 'symlink' : mode === '160000' ? 'submodule' : 'file';
    files.set(path, { path, kind, executableInGit: mode === '100755' });
  }
  return [...files.values()];
}

/** A repository inside the repository is listed as a folder, and is none of its files. */
function parseOthers(output: string): ListedFile[] {
  return output
    .split('\0')
    .filter((path) => path !== '' && !path.endsWith('/'))
    .map((path) => ({ path, kind: 'file', executableInGit: undefined }));
}

function reasonOf({ stderr }: GitOutcome): string {
  return (stderr.split('\n', 1)[0] ?? '').slice(0, 200) || 'git failed';
}
