import type { ServiceFile } from '../core/config/service-file.ts';
import { buildPlan, type Plan } from '../core/plan.ts';
import type { ServiceFolder } from '../core/project/discover.ts';
import { findFolder, type Project } from '../core/project/project.ts';
import { loadService, loadServiceFile, manifestPath } from '../core/project/service.ts';

export interface PlanRequest {
  readonly services: readonly string[] | 'all';
  /** The `target` input: overrides what the services say. */
  readonly target?: string;
  /** Service → why it is to be deployed, as detection tells it. */
  readonly reasons?: Readonly<Record<string, readonly string[]>>;
}

/**
 * Which of the asked services goes to which target, how, why, and in which wave. Of the other services only
 * those are read that something asked depends on: a fault in an unrelated one stops nobody.
 *
 * @throws LaunchError SERVICE_NOT_FOUND, CONFIG_INVALID or TARGET_UNKNOWN, at the place that is wrong.
 */
export async function makePlan(project: Project, request: PlanRequest): Promise<Plan> {
  const chosen =
    request.services === 'all'
      ? project.folders
      : [...new Set(request.services)].map((name) => findFolder(project, name));
  const settings = await loadWithDependencies(project, chosen);
  const isEnabled = (folder: ServiceFolder) => settings.get(folder.name)?.enabled !== false;
  const enabled = await Promise.all(
    chosen.filter(isEnabled).map(async (folder) => {
      const known = settings.get(folder.name);
      return await loadService(project, folder, {
        ...(request.target === undefined ? {} : { target: request.target }),
        ...(known === undefined ? {} : { settings: known }),
      });
    }),
  );
  return buildPlan({
    all: project.folders.map((folder) => ({
      name: folder.name,
      dependsOn: settings.get(folder.name)?.['depends-on'] ?? [],
      file: manifestPath(folder),
    })),
    enabled,
    disabled: chosen.filter((folder) => !isEnabled(folder)).map((folder) => folder.name),
    reasons: request.reasons ?? {},
  });
}

/** The settings of these services and of all that they depend on, directly or not. */
async function loadWithDependencies(
  project: Project,
  chosen: readonly ServiceFolder[],
): Promise<Map<string, ServiceFile>> {
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
