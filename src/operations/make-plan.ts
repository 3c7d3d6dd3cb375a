import { buildPlan, type Plan } from '../core/plan.ts';
import type { ServiceFolder } from '../core/project/discover.ts';
import { findFolder, type Project } from '../core/project/project.ts';
import { loadService } from '../core/project/service.ts';
import { readDependencies } from './read-dependencies.ts';

export interface PlanRequest {
  readonly services: readonly string[] | 'all';
  /** The `target` input: overrides what the services say. */
  readonly target?: string;
  /** Service → why it is to be deployed, as detection tells it. */
  readonly reasons?: Readonly<Record<string, readonly string[]>>;
  /** Whether nobody wants to know the URLs, which take reading every compose file. */
  readonly withoutUrls?: boolean;
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
  const { settings, dependents } = await readDependencies(project, chosen);
  const isEnabled = (folder: ServiceFolder) => settings.get(folder.name)?.enabled !== false;
  const enabled = await Promise.all(
    chosen.filter(isEnabled).map(async (folder) => {
      const known = settings.get(folder.name);
      return await loadService(project, folder, {
        ...(request.target === undefined ? {} : { target: request.target }),
        ...(known === undefined ? {} : { settings: known }),
        withoutUrl: request.withoutUrls === true,
      });
    }),
  );
  return buildPlan({
    all: dependents,
    enabled,
    disabled: chosen.filter((folder) => !isEnabled(folder)).map((folder) => folder.name),
    reasons: request.reasons ?? {},
  });
}
