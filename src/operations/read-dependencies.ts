import type { ServiceFile } from '../core/config/service-file.ts';
import type { ServiceFolder } from '../core/project/discover.ts';
import type { Project } from '../core/project/project.ts';
import { loadServiceFile, manifestPath } from '../core/project/service.ts';
import { withImplied } from '../core/routing/implied-order.ts';
import type { Dependent } from '../core/routing/waves.ts';
import { workerBindings } from './worker-bindings.ts';

/** Services with all that they depend on, directly or not. */
export interface Dependencies {
  readonly settings: ReadonlyMap<string, ServiceFile>;
  /** What every service of the project depends on, as far as that is known. */
  readonly dependents: readonly Dependent[];
}

/**
 * Reads only what is asked for and what that depends on: a fault in the service.yml of an unrelated service
 * stops nobody. A worker also depends on the workers of the project that it binds.
 *
 * @throws LaunchError CONFIG_INVALID at the line that is wrong
 */
export async function readDependencies(
  project: Project,
  chosen: readonly ServiceFolder[],
): Promise<Dependencies> {
  const byName = new Map(project.folders.map((folder) => [folder.name, folder]));
  const settings = new Map<string, ServiceFile>();
  const bindings = workerBindings(project);
  const implied = new Map<string, readonly string[]>();
  let next: readonly ServiceFolder[] = chosen;
  while (next.length > 0) {
    const loaded = await Promise.all(
      next.map(async (folder) => ({
        name: folder.name,
        file: await loadServiceFile(project, folder),
        bound: await bindings.of(folder),
      })),
    );
    for (const { name, file, bound } of loaded) {
      settings.set(name, file);
      if (bound.length > 0) implied.set(name, bound);
    }
    const wanted = new Set(loaded.flatMap(({ file, bound }) => [...file['depends-on'], ...bound]));
    // A dependency that does not exist is told when the waves are made.
    next = [...wanted].flatMap((name) => (settings.has(name) ? [] : (byName.get(name) ?? [])));
  }
  const dependents = project.folders.map((folder) => ({
    name: folder.name,
    dependsOn: settings.get(folder.name)?.['depends-on'] ?? [],
    file: manifestPath(folder),
  }));
  return { settings, dependents: withImplied(dependents, implied) };
}
