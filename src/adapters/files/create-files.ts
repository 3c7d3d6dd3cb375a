import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';

export interface NewFile {
  /** From the top of the repository. */
  readonly path: string;
  readonly text: string;
  readonly executable?: boolean;
  /** Whether it takes the place of one that is there. */
  readonly replace?: boolean;
}

export function isThere(top: string, path: string): boolean {
  return lstatSync(join(top, path), { throwIfNoEntry: false }) !== undefined;
}

/**
 * Makes all of these files, or none: each appears whole, and where one can't be made those before it are taken away. No
 * signal comes between, because nothing here waits. What is there already is never overwritten, but where that is said.
 *
 * @throws LaunchError CONFIG_INVALID for a file that is there, or a folder that leads out of `top`
 */
export function createFiles(top: string, files: readonly NewFile[]): void {
  const undo: (() => void)[] = [];
  try {
    const staged = files.map((file) => ({ file, partial: stage(top, file, undo) }));
    for (const { file, partial } of staged) put(join(top, file.path), partial, file, undo);
  } catch (error) {
    for (const step of undo.reverse()) step();
    throw asLaunchError(error);
  }
}

/** The whole content under a name that nobody looks for. */
function stage(top: string, { path, text, executable }: NewFile, undo: (() => void)[]): string {
  const full = join(top, path);
  makeFolder(top, dirname(full), undo);
  const partial = join(dirname(full), `.${basename(full)}.${randomBytes(6).toString('hex')}`);
  undo.push(() => rmSync(partial, { force: true }));
  writeFileSync(partial, text, { flag: 'wx', mode: executable === true ? 0o777 : 0o666 });
  return partial;
}

function put(full: string, partial: string, { path, replace }: NewFile, undo: (() => void)[]): void {
  if (replace === true) {
    const before = lstatSync(full, { throwIfNoEntry: false });
    if (before?.isFile() === true) chmodSync(partial, before.mode & 0o777);
    renameSync(partial, full);
    return;
  }
  try {
    // Not a rename, which would take the place of a file that came meanwhile.
    linkSync(partial, full);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    throw new LaunchError('CONFIG_INVALID', `${printable(path)} is there already.`, {
      place: { file: path },
      remedy: 'Nothing has been written. Move it away, or choose another name.',
    });
  }
  undo.push(() => rmSync(full, { force: true }));
  rmSync(partial);
}

function makeFolder(top: string, folder: string, undo: (() => void)[]): void {
  if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) {
    makeFolder(top, dirname(folder), undo);
    mkdirSync(folder);
    undo.push(() => rmdirSync(folder));
    return;
  }
  const real = realpathSync(folder);
  const realTop = realpathSync(top);
  if (real === realTop || real.startsWith(`${realTop}${sep}`)) return;
  throw new LaunchError('CONFIG_INVALID', `"${printable(folder)}" leads out of the repository.`, {
    remedy: 'Replace the link by a folder.',
  });
}

function asLaunchError(error: unknown): unknown {
  const code = codeOf(error);
  if (error instanceof LaunchError || code === undefined) return error;
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  return new LaunchError(full ? 'DISK_FULL' : 'CONFIG_INVALID', `The files can't be written: ${code}.`, {
    remedy: full
      ? 'Free space. Nothing has been written.'
      : 'Check the permissions of the folder. Nothing has been written.',
    cause: error,
  });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
