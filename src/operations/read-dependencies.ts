import type { Project } from '../core/project/project.ts';
import { loadServiceFile, manifestPath } from '../core/project/service.ts';
import type { Dependent } from '../core/routing/waves.ts';

/** What every service of a project depends on, as their service.yml say. @throws LaunchError CONFIG_INVALID */
export async function readDependencies(project: Project): Promise<Dependent[]> {
  return await Promise.all(
    project.folders.map(async (folder) => ({
      name: folder.name,
      dependsOn: (await loadServiceFile(project, folder))['depends-on'],
      file: manifestPath(folder),
    })),
  );
}
