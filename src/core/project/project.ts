import type { LaunchFile } from '../config/launch-file.ts';
import { LaunchError } from '../errors.ts';
import { printable } from '../names.ts';
import { didYouMean } from '../nearest.ts';
import { problemsToError } from '../problem.ts';
import { discoverServices, type ServiceFolder } from './discover.ts';
import { joinPath, type RepositoryView, readText } from './view.ts';

/** One state of a repository of services: its `launch.yml` and its service folders, not yet their manifests. */
export interface Project {
  readonly view: RepositoryView;
  /** The folder, relative to the top of the repository, in which `launch.yml` is or would be; '' is the top. */
  readonly root: string;
  /** Where `launch.yml` is, whether it exists or not. */
  readonly configPath: string;
  readonly config: LaunchFile;
  readonly folders: readonly ServiceFolder[];
}

export interface ProjectLocation {
  readonly root: string;
  /** `launch.yml` elsewhere, relative to the top of the repository. */
  readonly configPath?: string;
}

/** @throws LaunchError CONFIG_INVALID when `launch.yml` or a service folder's name is wrong. */
export async function loadProject(view: RepositoryView, location: ProjectLocation): Promise<Project> {
  const configPath = location.configPath ?? joinPath(location.root, 'launch.yml');
  const config = await loadLaunchFile(view, configPath, location.configPath !== undefined);
  const globs = typeof config.services === 'string' ? [config.services] : config.services;
  const folders = await discoverServices(view, location.root, globs);
  return { view, root: location.root, configPath, config, folders };
}

/** What an absent or empty `launch.yml` means. */
export const noLaunchFile: LaunchFile = {
  services: 'services/*',
  targets: {},
  defaults: {},
  registries: [],
  shared: [],
};

async function loadLaunchFile(view: RepositoryView, path: string, mustExist: boolean): Promise<LaunchFile> {
  const text = await readText(view, path);
  if (text === undefined && mustExist) {
    throw new LaunchError('CONFIG_INVALID', `There is no configuration file "${printable(path)}".`, {
      place: { file: path },
      remedy: 'Check the `config` input; it is relative to the top of the repository.',
    });
  }
  if (text === undefined) return noLaunchFile;
  // Loaded only for a repository that has one: YAML and schemas take longer to load than all the rest.
  const [{ parseConfig }, { launchFile }] = await Promise.all([
    import('../config/parse.ts'),
    import('../config/launch-file.ts'),
  ]);
  const parsed = parseConfig(launchFile, text, path);
  if (!parsed.ok) throw problemsToError(parsed.problems);
  return parsed.value;
}

/** @throws LaunchError SERVICE_NOT_FOUND with the nearest name. */
export function findFolder(project: Project, name: string): ServiceFolder {
  const folder = project.folders.find((it) => it.name === name);
  if (folder !== undefined) return folder;
  throw new LaunchError('SERVICE_NOT_FOUND', `There is no service "${printable(name)}".`, {
    // A file that is not there can't be where it is wrong.
    ...(project.config === noLaunchFile ? {} : { place: { file: project.configPath } }),
    remedy:
      project.folders.length === 0
        ? 'The repository has no services yet; a service is a folder services/<name>/ with a compose file, a wrangler configuration, deploy.sh or service.yml.'
        : didYouMean(
            name,
            project.folders.map((it) => it.name),
          ),
  });
}
