import { workingTreeView } from '../adapters/files/working-tree.ts';
import { findStateRoot } from '../adapters/state/find-state-root.ts';
import { listCurrent } from '../adapters/state/list-current.ts';
import { composeProjectName } from '../core/compose/project-name.ts';
import { hostPart, portPart } from '../core/deploy/child-env.ts';
import { LaunchError } from '../core/errors.ts';
import type { HealthCheck } from '../core/health/check.ts';
import type { CheckContext } from '../core/health/from-settings.ts';
import { namesLaunchPort } from '../core/health/launch-port.ts';
import { serviceChecks } from '../core/health/service-checks.ts';
import { findFolder, loadProject, type Project } from '../core/project/project.ts';
import {
  loadService,
  manifestPath,
  type Placement,
  type Service,
  serviceOn,
} from '../core/project/service.ts';
import { joinPath, readText } from '../core/project/view.ts';
import { locateProject } from './locate-project.ts';
import { nameRepository } from './name-repository.ts';

export interface ServiceHealthRequest {
  /** A folder of the checkout; the service's commands run in the service's own. */
  readonly cwd: string;
  /** The `config` input. */
  readonly config: string | undefined;
  readonly service: string;
  readonly target: string | undefined;
  readonly timing: NonNullable<CheckContext['timing']>;
  /** Of this process: what the host needs is passed on, and the secrets that the service declares. */
  readonly env: NodeJS.ProcessEnv;
}

/**
 * The health checks of a service in a checkout.
 *
 * @throws LaunchError SERVICE_NOT_FOUND, TARGET_UNKNOWN, or CONFIG_INVALID when there is nothing to check.
 */
export async function readHealthChecks(request: ServiceHealthRequest): Promise<HealthCheck[]> {
  const { target } = request;
  const location = locateProject(request.cwd, request.config);
  const project = await loadProject(workingTreeView(location.top), location);
  const folder = findFolder(project, request.service);
  const everywhere = await loadService(project, folder, target === undefined ? {} : { target });
  const [placement, ...others] = everywhere.placements;
  if (others.length > 0) {
    const names = everywhere.placements.map((it) => it.target.name).join(', ');
    throw new LaunchError(
      'CONFIG_INVALID',
      `The service "${everywhere.name}" has several targets: ${names}.`,
      {
        place: { file: manifestPath(folder) },
        remedy: 'Name the one to check with the `target` input.',
      },
    );
  }
  const service = placement === undefined ? everywhere : serviceOn(everywhere, placement);
  const declared = Object.fromEntries(
    service.settings.secrets.flatMap((name) => {
      const value = request.env[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
  const projectName = placement?.driver === 'compose' ? await projectNameOf(project, service) : undefined;
  const checks = serviceChecks(service, {
    cwd: joinPath(location.top, folder.contentPath),
    timing: request.timing,
    secrets: Object.values(declared),
    env: {
      ...service.settings.env,
      ...declared,
      ...hostPart(request.env),
      LAUNCH_SERVICE: service.name,
      LAUNCH_TARGET: placement?.target.name ?? '',
      ...(projectName === undefined ? {} : { COMPOSE_PROJECT_NAME: projectName }),
      ...portPart(await portHere(service, placement, location.top, request.env)),
    },
    ...(projectName === undefined ? {} : { project: projectName }),
  });
  if (checks.length > 0) return checks;
  throw new LaunchError('CONFIG_INVALID', `The service "${service.name}" has nothing to check.`, {
    place: { file: manifestPath(folder) },
    remedy: 'Add `health:` to its service.yml, or an executable health-check.sh to its folder.',
  });
}

/** LAUNCH_PORT of the release that serves on this host, where a check names it. */
async function portHere(
  { name, settings }: Service,
  placement: Placement | undefined,
  top: string,
  env: NodeJS.ProcessEnv,
): Promise<number | undefined> {
  const isAsked = settings.health.some((it) => namesLaunchPort(it.http ?? it.tcp ?? ''));
  if (!isAsked || placement === undefined) return undefined;
  const [repository, releases] = await Promise.all([
    nameRepository(top),
    listCurrent(findStateRoot(undefined, env)),
  ]);
  const { name: target } = placement.target;
  return releases.find((it) => it.service === name && it.target === target && it.repository === repository)
    ?.port;
}

async function projectNameOf(project: Project, { name, folder }: Service): Promise<string> {
  const file = folder.shape.compose;
  const text =
    file === undefined ? undefined : await readText(project.view, joinPath(folder.contentPath, file));
  return composeProjectName(text ?? '', name);
}
