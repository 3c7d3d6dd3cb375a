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
 * The files of the checkout at `top`: what git tracks, and what is neither tracked nor ignored. One process,
 * whatever the number of files. Where git can't be asked, all the files that lie there.
 */
export async function listFiles(top: string, trusted: boolean): Promise<Listing> {
  if (statSync(join(top, '.git'), { throwIfNoEntry: false }) === undefined) {
    return { files: walk(top, ''), withoutGit: 'the folder is not a git checkout' };
  }
  const listed = await git(gitPlace(top, trusted), [
    '-c',
    'core.fsmonitor=false',
    'ls-files',
    ...['--cached', '--stage', '--others', '--exclude-standard', '-t', '-z'],
  ]);
  return listed.exitCode === 0
    ? { files: parseListing(listed.stdout), withoutGit: undefined }
    : { files: walk(top, ''), withoutGit: reasonOf(listed) };
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

/**
 * `? <path>` for what git does not track, else `<tag> <mode> <id> <stage>\t<path>`. A path in conflict has several
 * stages, and is one file all the same.
 */
function parseListing(output: string): ListedFile[] {
  const files = new Map<string, ListedFile>();
  for (const record of output.split('\0')) {
    const file = record.startsWith('? ') ? otherFile(record.slice(2)) : trackedFile(record);
    if (file !== undefined) files.set(file.path, file);
  }
  return [...files.values()];
}

/** A repository inside the repository is listed as a folder, and is none of its files. */
function otherFile(path: string): ListedFile | undefined {
  return path.endsWith('/') ? undefined : { path, kind: 'file', executableInGit: undefined };
}

function trackedFile(record: string): ListedFile | undefined {
  const tab = record.indexOf('\t');
  if (tab < 0) return undefined;
  const mode = record.slice(2, 8);
  const kind = mode === '120000' ? 'symlink' : mode === '160000' ? 'submodule' : 'file';
  return { path: record.slice(tab + 1), kind, executableInGit: mode === '100755' };
}

function reasonOf({ stderr }: GitOutcome): string {
  return (stderr.split('\n', 1)[0] ?? '').slice(0, 200) || 'git failed';
}
