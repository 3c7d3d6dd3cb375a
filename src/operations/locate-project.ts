import { realpathSync, statSync } from 'node:fs';
import { dirname, join, posix, relative, resolve, sep } from 'node:path';
import { LaunchError } from '../core/errors.ts';
import { printable } from '../core/names.ts';
import type { ProjectLocation } from '../core/project/project.ts';
import { normalizePath } from '../core/project/view.ts';

export interface LocatedProject extends ProjectLocation {
  /** The top folder of the checkout, absolute. */
  readonly top: string;
}

/**
 * Finds the repository and the project in it, from any folder inside: the project's root is the first folder
 * on the way up that holds `launch.yml` or `services`, else the top. Starts no process. `config` is the
 * `config` input, relative to the top.
 *
 * @throws LaunchError CONFIG_INVALID when `cwd` is in no checkout, or `config` leads out of it.
 */
export function locateProject(cwd: string, config?: string): LocatedProject {
  const found = findProject(cwd, config);
  if (found !== undefined) return found;
  throw new LaunchError('CONFIG_INVALID', `"${printable(realFolder(cwd))}" is not inside a git checkout.`, {
    remedy: 'In a workflow, run actions/checkout first; at a terminal, change to a folder of the repository.',
  });
}

/** The same, or undefined when `cwd` is in no checkout. */
export function findProject(cwd: string, config?: string): LocatedProject | undefined {
  const start = realFolder(cwd);
  let root: string | undefined;
  for (let folder = start; ; folder = dirname(folder)) {
    if (root === undefined && holdsProject(folder)) root = folder;
    if (statSync(join(folder, '.git'), { throwIfNoEntry: false }) !== undefined) {
      const location = { top: folder, root: repositoryPath(folder, root ?? folder) };
      return config === undefined ? location : withConfig(location, configPathOf(config));
    }
    if (folder === dirname(folder)) return undefined;
  }
}

/** A configuration file beside a folder `services` is that of a project there; elsewhere it is just kept elsewhere. */
function withConfig(location: LocatedProject, configPath: string): LocatedProject {
  const beside = posix.dirname(configPath) === '.' ? '' : posix.dirname(configPath);
  const services = statSync(join(location.top, beside, 'services'), { throwIfNoEntry: false });
  return { ...location, configPath, root: services?.isDirectory() === true ? beside : location.root };
}

/** A symlink to a folder of the repository is a folder of the repository. */
function realFolder(path: string): string {
  try {
    return realpathSync(path);
  } catch (cause) {
    throw new LaunchError('CONFIG_INVALID', `There is no folder "${printable(resolve(path))}".`, {
      remedy: 'Check the `working-directory` input, and that actions/checkout ran before.',
      cause,
    });
  }
}

function holdsProject(folder: string): boolean {
  return (
    statSync(join(folder, 'launch.yml'), { throwIfNoEntry: false })?.isFile() === true ||
    statSync(join(folder, 'services'), { throwIfNoEntry: false })?.isDirectory() === true
  );
}

function repositoryPath(top: string, folder: string): string {
  return relative(top, folder).split(sep).join('/');
}

function configPathOf(config: string): string {
  const path = config.startsWith('/') ? undefined : normalizePath(config);
  if (path !== undefined && path !== '') return path;
  throw new LaunchError(
    'CONFIG_INVALID',
    `The configuration file "${printable(config)}" is not in the repository.`,
    {
      remedy: 'Give its path relative to the top of the repository, for example deploy/launch.yml.',
    },
  );
}
