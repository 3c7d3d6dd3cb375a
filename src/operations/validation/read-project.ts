import { type LaunchFile, launchFile } from '../../core/config/launch-file.ts';
import { parseConfig } from '../../core/config/parse.ts';
import type { Problem } from '../../core/problem.ts';
import { discoverServices, type ServiceFolder } from '../../core/project/discover.ts';
import { loadProject, type Project, type ProjectLocation } from '../../core/project/project.ts';
import { joinPath, type RepositoryView, readText } from '../../core/project/view.ts';
import { problemOf } from '../../core/validation/settings-rules.ts';

export interface ReadProject {
  readonly project: Project;
  readonly problems: readonly Problem[];
  /** False when `launch.yml` is broken: whether a target is declared can't be told then. */
  readonly targetsKnown: boolean;
  /** False when not even the service folders could be listed. */
  readonly foldersKnown: boolean;
}

/** The project with every problem of `launch.yml`; as much of it as can be had when that is broken. */
export async function readProject(view: RepositoryView, location: ProjectLocation): Promise<ReadProject> {
  const configPath = location.configPath ?? joinPath(location.root, 'launch.yml');
  const text = await readText(view, configPath);
  const parsed = parseConfig(launchFile, text ?? '', configPath);
  const problems: Problem[] = parsed.ok ? [] : [...parsed.problems];
  if (parsed.ok) {
    try {
      const project = await loadProject(view, location);
      return { project, problems, targetsKnown: true, foldersKnown: true };
    } catch (error) {
      // A file that was asked for and is not there, or a folder that can't be a service.
      problems.push(
        problemOf(
          error,
          location.configPath !== undefined && text === undefined ? 'config-invalid' : 'service-folder',
        ),
      );
    }
  }
  const config = parsed.ok ? parsed.value : defaults();
  const folders = await listFolders(view, location.root, config).catch(() => undefined);
  const project: Project = { view, root: location.root, configPath, config, folders: folders ?? [] };
  return { project, problems, targetsKnown: parsed.ok, foldersKnown: folders !== undefined };
}

async function listFolders(view: RepositoryView, root: string, config: LaunchFile): Promise<ServiceFolder[]> {
  return discoverServices(
    view,
    root,
    typeof config.services === 'string' ? [config.services] : config.services,
  );
}

function defaults(): LaunchFile {
  const parsed = parseConfig(launchFile, '', 'launch.yml');
  if (!parsed.ok) throw new Error('the defaults of launch.yml are not valid');
  return parsed.value;
}
