import { listCurrent } from '../../../adapters/state/list-current.ts';
import { type EdgeRoute, rivalOf, routeId } from '../../../core/deploy/edge.ts';
import { assertSideBySide, routedService } from '../../../core/deploy/generations.ts';
import { LaunchError } from '../../../core/errors.ts';
import { printable } from '../../../core/names.ts';
import { manifestPath } from '../../../core/project/service.ts';
import type { Deployment } from '../deployment.ts';
import type { ComposeHost } from './host.ts';
import type { LaidOut } from './lay-out.ts';
import type { OpenEdge } from './open-edge.ts';

export type SwitchStrategy = 'rolling' | 'blue-green';

/** Undefined for recreate, with which compose replaces the containers. */
export function strategyOf({
  request,
  service,
}: Pick<Deployment, 'request' | 'service'>): SwitchStrategy | undefined {
  const strategy = request.strategy ?? service.settings.strategy;
  return strategy === 'recreate' ? undefined : strategy;
}

/**
 * The route of the release, when this host has an edge proxy for it; and that the strategy is possible at all.
 *
 * @throws LaunchError CONFIG_INVALID, PORT_IN_USE, ENGINE_UNAVAILABLE; nothing has been touched
 */
export async function planRoute(
  deployment: Deployment,
  laidOut: LaidOut,
  host: ComposeHost,
): Promise<EdgeRoute | undefined> {
  const { service, reporter } = deployment;
  const { route } = service.settings;
  const strategy = strategyOf(deployment);
  if (route === undefined && strategy === undefined) return undefined;
  const edge = await host.edge();
  if (strategy !== undefined) assertPossible(deployment, laidOut, strategy, edge);
  if (route === undefined) return undefined;
  if (edge === undefined) {
    reporter.info(
      'This host has no edge proxy (`launch edge up`), so the route is left to whoever serves it.',
    );
    return undefined;
  }
  const wanted = {
    id: routeId(deployment.owner),
    host: route.host,
    path: route.path,
    port: route.port,
    service: routedIn(deployment, laidOut),
  };
  await edge.proxy.assertServable(wanted);
  const rival = rivalOf(wanted, await edge.proxy.routes());
  if (rival === undefined) return wanted;
  const owner = (await listCurrent(deployment.stateRoot)).find((it) => it.route?.id === rival.id);
  const whose =
    owner === undefined
      ? `another service (${printable(rival.id, 120)})`
      : `"${printable(owner.service, 80)}" of ${printable(owner.repository, 120)} on the target ${printable(owner.target, 80)}`;
  throw new LaunchError(
    'CONFIG_INVALID',
    `The edge proxy already serves ${printable(route.host, 120)}${printable(route.path, 120)} for ${whose}.`,
    {
      place: { file: manifestPath(service.folder) },
      remedy: 'Nothing has been changed. Give one of them another host or path.',
    },
  );
}

/** What is known of a release that comes back need not be found out again. */
function routedIn({ service, restores }: Deployment, { model }: LaidOut): string {
  const { settings, name, folder } = service;
  return (
    restores?.release.route?.service ??
    routedService(model, settings, name, { file: manifestPath(folder) }) ??
    name
  );
}

function assertPossible(
  { service }: Deployment,
  { model, project }: LaidOut,
  strategy: SwitchStrategy,
  edge: OpenEdge | undefined,
): void {
  const place = { file: manifestPath(service.folder) };
  const { stateful } = service.settings;
  const routed = routedService(model, service.settings, service.name, place);
  assertSideBySide({ strategy, model, stateful, routed, place });
  if (edge === undefined) {
    throw new LaunchError(
      'CONFIG_INVALID',
      `The strategy ${strategy} needs the edge proxy, which this host does not have.`,
      {
        place,
        remedy: 'Nothing has been changed. Set it up with `launch edge up`, or use `strategy: recreate`.',
      },
    );
  }
  if (project.program === 'docker-compose') {
    throw new LaunchError('ENGINE_UNAVAILABLE', `Version 1 of compose can't do ${strategy}.`, {
      remedy: 'Install docker-compose-plugin, or use `strategy: recreate`.',
    });
  }
}
