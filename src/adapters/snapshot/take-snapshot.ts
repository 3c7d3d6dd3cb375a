import { mkdir, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';
import { joinPath, normalizePath } from '../../core/project/view.ts';
import { type GitPlace, git } from '../git/command.ts';
import { gitOk, listTree, quietGit, type TreeEntry } from './git.ts';

/** A pattern of files outside of the service folder that are part of it. */
export interface OuterFiles {
  readonly start: string;
  matches(path: string): boolean;
}

export interface SnapshotRequest {
  /** The top folder of the checkout. */
  readonly top: string;
  readonly commit: string;
  /** The service's folder, from the top of the repository; '' is the top. */
  readonly folder: string;
  readonly inputs: readonly OuterFiles[];
  /** Where the repository's layout is built; made when absent. */
  readonly destination: string;
}

/** What a snapshot holds, by path in the repository. */
export type SnapshotEntries = ReadonlyMap<string, TreeEntry>;

/**
 * Writes the commit's files of a service, and nothing else, into `destination`. They come from git's objects as
 * a checkout would write them; the working tree, and what `export-ignore` says, play no part.
 *
 * @throws LaunchError CONFIG_INVALID for a symlink that leaves the repository or a submodule that isn't there,
 *   DISK_FULL
 */
export async function takeSnapshot(request: SnapshotRequest): Promise<SnapshotEntries> {
  const place = quietGit(request.top);
  const { commit, folder } = request;
  const [own, ...outer] = await Promise.all([
    listTree(place, commit, folder),
    ...request.inputs.map(async (input) =>
      (await listTree(place, commit, input.start)).filter(
        (it) => it.type === 'tree' || input.matches(it.path),
      ),
    ),
  ]);
  const isOwn = (path: string) => folder === '' || path === folder || path.startsWith(`${folder}/`);
  const more = outer.flat().filter((entry) => !isOwn(entry.path));
  const entries = [...(own ?? []), ...more];
  await assertLinksStay(place, entries);
  await withIndex(place, request.destination, async (indexed) => {
    await addFolder(indexed, commit, folder, own ?? []);
    await addFiles(indexed, more);
  });
  return new Map(
    [...entries, ...(await writeSubmodules(request, entries))].map((entry) => [entry.path, entry]),
  );
}

/** Adds more of the commit to a snapshot: a path that a mount names though no one declared it. */
export async function extendSnapshot(request: SnapshotRequest, path: string): Promise<readonly TreeEntry[]> {
  const place = quietGit(request.top);
  const entries = await listTree(place, request.commit, path);
  await assertLinksStay(place, entries);
  await withIndex(place, request.destination, async (indexed) => await addFiles(indexed, entries));
  return [...entries, ...(await writeSubmodules(request, entries))];
}

/** Fills an index of our own, then writes what it lists; the checkout's index is not touched. */
async function withIndex(
  place: GitPlace,
  destination: string,
  fill: (indexed: GitPlace) => Promise<void>,
): Promise<void> {
  const index = `${destination}.index`;
  const indexed = { ...place, env: { ...place.env, GIT_INDEX_FILE: index } };
  try {
    await mkdir(destination, { recursive: true, mode: 0o700 });
    await fill(indexed);
    gitOk(
      await git(indexed, ['checkout-index', '--all', '--force', '--quiet', `--prefix=${destination}/`]),
      `write the files of the release into ${destination}`,
    );
  } finally {
    await rm(index, { force: true });
    await rm(`${index}.lock`, { force: true });
  }
}

/** By its tree, so that names that are no text stay the bytes they are. */
async function addFolder(
  indexed: GitPlace,
  commit: string,
  folder: string,
  entries: readonly TreeEntry[],
): Promise<void> {
  const isTree = folder === '' || entries.some((entry) => entry.path === folder && entry.type === 'tree');
  if (!isTree) return;
  const args = folder === '' ? [commit] : [`--prefix=${folder}/`, `${commit}:${folder}`];
  gitOk(await git(indexed, ['read-tree', ...args]), 'list the files of the release');
}

async function addFiles(indexed: GitPlace, entries: readonly TreeEntry[]): Promise<void> {
  const files = entries.filter((entry) => entry.type === 'blob');
  if (files.length === 0) return;
  const input = files.map(({ mode, id, path }) => `${mode} ${id}\t${path}\0`).join('');
  gitOk(
    await git(indexed, ['update-index', '-z', '--index-info'], { input }),
    'list the files of the release',
  );
}

/** What they hold, by its path in the outer repository. */
async function writeSubmodules(
  request: SnapshotRequest,
  entries: readonly TreeEntry[],
): Promise<readonly TreeEntry[]> {
  const found: TreeEntry[] = [];
  for (const entry of entries.filter((it) => it.type === 'commit')) {
    const inner = await writeSubmodule(request, entry);
    found.push({ ...entry, type: 'tree' });
    for (const it of inner.values()) found.push({ ...it, path: joinPath(entry.path, it.path) });
  }
  return found;
}

/** Only what is checked out can be had: a runner's token seldom opens another repository. */
async function writeSubmodule(request: SnapshotRequest, entry: TreeEntry): Promise<SnapshotEntries> {
  const top = join(request.top, entry.path);
  const shown = await git(quietGit(top), ['rev-parse', '--show-toplevel']).catch(() => undefined);
  if (shown?.exitCode !== 0 || !(await isSamePlace(shown.stdout.trim(), top))) {
    throw new LaunchError('CONFIG_INVALID', `The submodule ${printable(entry.path)} is not checked out.`, {
      place: { file: entry.path },
      remedy: 'Give actions/checkout `submodules: true`, or run `git submodule update --init`.',
    });
  }
  const destination = join(request.destination, entry.path);
  return await takeSnapshot({ top, commit: entry.id, folder: '', inputs: [], destination });
}

async function isSamePlace(a: string, b: string): Promise<boolean> {
  const [left, right] = await Promise.all([realpath(a), realpath(b)]);
  return left === right;
}

async function assertLinksStay(place: GitPlace, entries: readonly TreeEntry[]): Promise<void> {
  for (const link of entries.filter((entry) => entry.mode === '120000')) {
    const target = gitOk(await git(place, ['cat-file', 'blob', link.id]), 'read a symlink');
    const parent = link.path.slice(0, Math.max(0, link.path.lastIndexOf('/')));
    if (!target.startsWith('/') && normalizePath(joinPath(parent, target)) !== undefined) continue;
    throw new LaunchError(
      'CONFIG_INVALID',
      `The symlink ${printable(link.path)} leaves the repository: it leads to ${printable(target)}.`,
      {
        place: { file: link.path },
        remedy: 'Point it at a file inside the repository, or replace it by the file itself.',
      },
    );
  }
}
