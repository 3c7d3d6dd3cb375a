import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { basename, join, relative, resolve, sep } from 'node:path';
import { LaunchError } from '../../core/errors.ts';
import { type Instance, idOfFile, parseInstance } from '../../core/instances/instance.ts';
import { instanceIdRule, isInstanceId } from '../../core/instances/instance-file.ts';
import { printable } from '../../core/names.ts';
import { didYouMean } from '../../core/nearest.ts';
import { type LocatedProject, locateProject } from '../locate-project.ts';

/** Where an instance's file is, or would be. */
export interface InstancePlace {
  /** Absolute. */
  readonly path: string;
  /** From the top of the repository. */
  readonly file: string;
  /** Undefined when there is no such file. */
  readonly text: string | undefined;
  /** The other instances beside it, for a slip of the pen. */
  readonly known: readonly string[];
}

/**
 * The file of the instance that is meant: a path that ends with `.json`, relative to `cwd`, or an id, whose file is in
 * the project's folder `instances`.
 *
 * @throws LaunchError CONFIG_INVALID for what can't be an id, and for a file outside of the checkout
 */
export function placeOfInstance(cwd: string, asked: string): InstancePlace {
  const located = locateProject(cwd);
  const folder = join(located.top, located.root, 'instances');
  const isPath = asked.endsWith('.json');
  if (!isPath && !isInstanceId(asked)) {
    throw new LaunchError('CONFIG_INVALID', `"${printable(asked, 80)}" is not an instance id.`, {
      remedy: `Name a file such as instances/acme.json, or ${instanceIdRule}.`,
    });
  }
  const path = isPath ? resolve(cwd, asked) : join(folder, `${asked}.json`);
  const file = withinCheckout(located, path, asked);
  return { path, file, text: readIfThere(path, file), known: instanceIds(folder) };
}

/** @throws LaunchError CONFIG_INVALID when the file is not there, or at the line that is wrong */
export function readInstance(cwd: string, asked: string): Instance {
  const { text, file, known } = placeOfInstance(cwd, asked);
  if (text !== undefined) return parseInstance(text, file);
  throw new LaunchError('CONFIG_INVALID', `There is no file "${printable(file)}".`, {
    remedy:
      known.length === 0
        ? 'Make it: schemas/instance.schema.json says what it holds.'
        : didYouMean(basename(file, '.json'), known),
  });
}

/** What destroying an instance takes; its file may be gone already. */
export function referToInstance(
  cwd: string,
  asked: string,
): { readonly id: string; readonly database: string | undefined } {
  const { text, file } = placeOfInstance(cwd, asked);
  if (text !== undefined) return parseInstance(text, file);
  const id = idOfFile(file);
  if (id !== undefined) return { id, database: undefined };
  throw new LaunchError('CONFIG_INVALID', `There is no file "${printable(file)}".`, {
    remedy: 'Name the instance by its id when its file is gone.',
  });
}

/** The files of all instances of the project, by id. */
export function instanceFiles(cwd: string): readonly string[] {
  const located = locateProject(cwd);
  const folder = join(located.top, located.root, 'instances');
  return names(folder).map((name) => join(folder, name));
}

function instanceIds(folder: string): readonly string[] {
  return names(folder).flatMap((name) => idOfFile(name) ?? []);
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .sort();
  } catch {
    return [];
  }
}

function readIfThere(path: string, file: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new LaunchError('CONFIG_INVALID', `The file "${printable(file)}" can't be read.`, {
      remedy: 'Check that it is a file, and that this user may read it.',
      cause,
    });
  }
}

/** What it says ends up in messages, so it is no way to look at files of the host. */
function withinCheckout(located: LocatedProject, path: string, asked: string): string {
  const file = relative(located.top, realPathOf(path));
  if (file !== '' && !file.startsWith(`..${sep}`) && file !== '..' && !file.startsWith(sep)) {
    return file.split(sep).join('/');
  }
  throw new LaunchError('CONFIG_INVALID', `"${printable(asked, 80)}" is not in the checkout.`, {
    remedy: 'Name a file of this repository, such as instances/acme.json.',
  });
}

/** Of what is not there, of the folder that it would be in. */
function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = resolve(path, '..');
    return parent === path ? path : join(realPathOf(parent), basename(path));
  }
}
