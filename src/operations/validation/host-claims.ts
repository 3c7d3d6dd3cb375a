import type { ContainerPort } from '../../core/compose/container-ports.ts';
import type { Problem } from '../../core/problem.ts';
import { loadService, type Placement } from '../../core/project/service.ts';
import { holdsOn, perTarget, placeIn } from '../../core/validation/per-target.ts';
import type { PortUse } from '../../core/validation/port-clashes.ts';
import type { RouteUse } from '../../core/validation/route-clashes.ts';
import type { ReadProject } from './read-project.ts';
import type { ReadService } from './read-service.ts';

/** A host port, with where the compose driver would publish it. */
export interface ClaimedPort extends PortUse, Pick<ContainerPort, 'oneOfMany'> {
  readonly placements: readonly Placement[];
}

/** The host ports of every service on the targets it is deployed to. */
export async function portUses(found: ReadProject, services: readonly ReadService[]): Promise<ClaimedPort[]> {
  if (services.every((service) => service.compose === undefined)) return [];
  const [{ portsOfService }, { settingOf }] = await Promise.all([
    import('../../core/validation/target-ports.ts'),
    import('../../core/compose/containers.ts'),
  ]);
  const uses = await Promise.all(
    services.map(async (service): Promise<ClaimedPort[]> => {
      const { compose } = service;
      if (compose === undefined) return [];
      const ports = perTarget(service).map((it) => ({ it, ports: portsOfService(it, compose.containers) }));
      if (ports.every((it) => it.ports.length === 0)) return [];
      const all = service.settings?.enabled === false ? [] : await placementsOf(found, service);
      const withProfiles = compose.containers.filter((it) => settingOf(it, 'profiles') !== undefined);
      const optional = new Set(withProfiles.map(({ name }) => name));
      // One that is switched off is nowhere, and is held against itself once.
      const counting = all.length === 0 ? ports.slice(0, 1) : ports;
      return counting.flatMap(({ it, ports: published }) => {
        const placements = all.filter(({ target }) => holdsOn(it, target.name));
        return published.map((port) => ({
          ...port,
          owner: service.name,
          targets: placements.map(({ target }) => target.name),
          optional: optional.has(port.service),
          // A deploy.sh of its own publishes what it wants.
          placements: placements.filter(({ driver }) => driver === 'compose'),
        }));
      });
    }),
  );
  return uses.flat();
}

async function placementsOf({ project }: ReadProject, service: ReadService): Promise<Placement[]> {
  if (service.settings === undefined) return [];
  try {
    const { placements } = await loadService(project, service.folder, { settings: service.settings });
    return placements.filter(({ driver }) => driver !== 'worker');
  } catch {
    // That it has no target is told with the service itself, when that is asked for.
    return [];
  }
}

/** The ports that a deployment would refuse, because the host needs them itself. */
export async function reservedPorts(
  uses: readonly ClaimedPort[],
  selected: ReadonlySet<string>,
): Promise<Problem[]> {
  if (uses.length === 0) return [];
  const [{ isReserved }, { reservedPortProblems }] = await Promise.all([
    import('../../core/deploy/port-holders.ts'),
    import('../../core/validation/reserved-ports.ts'),
  ]);
  const found = uses
    // A container with profiles is not part of what is deployed.
    .filter(({ optional, oneOfMany }) => !optional && !oneOfMany)
    .map((use) => ({
      ...use,
      refusedOn: use.placements
        .filter(({ target }) => isReserved(use.port, target.allowedPorts ?? []))
        .map(({ target }) => target.name),
    }));
  return reservedPortProblems(found, selected);
}

/** Routes that two services claim on one target. */
export async function routeProblems(
  found: ReadProject,
  services: readonly ReadService[],
  selected: ReadonlySet<string>,
): Promise<Problem[]> {
  const routed = services.flatMap((service) =>
    perTarget(service).filter(({ settings }) => settings?.route !== undefined && settings.enabled),
  );
  if (routed.length < 2) return [];
  const uses = await Promise.all(
    routed.map(async (service): Promise<RouteUse[]> => {
      const { name: owner, settings } = service;
      if (settings?.route === undefined) return [];
      const { host, path } = settings.route;
      const placements = await placementsOf(found, service);
      const targets = placements
        .filter(({ driver, target }) => driver === 'compose' && holdsOn(service, target.name))
        .map(({ target }) => target.name);
      return [{ owner, host, path, place: placeIn(service, ['route', 'host']), targets }];
    }),
  );
  const { routeClashes } = await import('../../core/validation/route-clashes.ts');
  return routeClashes(uses.flat(), selected);
}
