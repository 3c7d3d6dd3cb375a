import type { ServiceFile } from '../core/config/service-file.ts';
import type { ServiceFolder } from '../core/project/discover.ts';
import type { Project } from '../core/project/project.ts';
import { loadServiceFile, manifestPath } from '../core/project/service.ts';
import type { Dependent } from '../core/routing/waves.ts';

/** The settings of these services and of all that they depend on, directly or not. */
export type KnownSettings = ReadonlyMap<string, ServiceFile>;

/**
 * Reads only what is asked for and what that depends on: a fault in the service.yml of an unrelated service
 * stops nobody.
 *
 * @throws LaunchError CONFIG_INVALID at the line that is wrong
 */
export async function readWithDependencies(
  project: Project,
  chosen: readonly ServiceFolder[],
): Promise<KnownSettings> {
  const byName = new Map(project.folders.map((folder) => [folder.name, folder]));
  const settings = new Map<string, ServiceFile>();
  let next: readonly ServiceFolder[] = chosen;
  while (next.length > 0) {
    const loaded = await Promise.all(
      next.map(async (folder) => [folder.name, await loadServiceFile(project, folder)] as const),
    );
    for (const [name, file] of loaded) settings.set(name, file);
    const wanted = new Set(loaded.flatMap(([, file]) => file['depends-on']));
    // A dependency that does not exist is told when the waves are made.
    next = [...wanted].flatMap((name) => (settings.has(name) ? [] : (byName.get(name) ?? [])));
  }
  return settings;
}

/** What every service depends on, as far as that is known. */
export function dependents(project: Project, settings: KnownSettings): Dependent[] {
  return project.folders.map((folder) => ({
    name: folder.name,
    dependsOn: settings.get(folder.name)?.['depends-on'] ?? [],
    file: manifestPath(folder),
  }));
}
