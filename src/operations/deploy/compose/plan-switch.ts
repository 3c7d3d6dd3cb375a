import type { InspectedContainer } from '../../../adapters/engine/containers.ts';
import type { Images } from '../../../adapters/engine/images.ts';
import { run, succeeded } from '../../../adapters/process/run.ts';
import { hashArgv } from '../../../core/deploy/compose-argv.ts';
import { imageOf } from '../../../core/deploy/compose-model.ts';
import { type EdgeRoute, rivalOf, routeId } from '../../../core/deploy/edge.ts';
import {
  assertSideBySide,
  type Generations,
  planGenerations,
  replicasOf,
  routedService,
  type Wanted,
} from '../../../core/deploy/generations.ts';
import { LaunchError } from '../../../core/errors.ts';
import { printable } from '../../../core/names.ts';
import { manifestPath } from '../../../core/project/service.ts';
import type { Deployment } from '../deployment.ts';
import type { LaidOut } from './lay-out.ts';
import type { OpenEdge } from './open-edge.ts';
import { labelOf, serviceLabel } from './project-containers.ts';

export type SwitchStrategy = 'rolling' | 'blue-green';

export function strategyOf({ request, service }: Deployment): SwitchStrategy | undefined {
  const strategy = request.strategy ?? service.settings.strategy;
  return strategy === 'recreate' ? undefined : strategy;
}

/**
 * The route of the release, when this host has an edge proxy for it; and that the strategy is possible at all.
 *
 * @throws LaunchError CONFIG_INVALID, ENGINE_UNAVAILABLE; nothing has been touched
 */
export async function planRoute(
  deployment: Deployment,
  { model, project }: LaidOut,
  edge: OpenEdge | undefined,
): Promise<EdgeRoute | undefined> {
  const { service, owner, reporter } = deployment;
  const { route, stateful } = service.settings;
  const place = { file: manifestPath(service.folder) };
  const strategy = strategyOf(deployment);
  if (strategy !== undefined) {
    const routed = routedService(model, service.settings, service.name, place);
    assertSideBySide({ strategy, model, stateful, routed, place });
    if (edge === undefined) throw noEdge(strategy);
    if (project.program === 'docker-compose') {
      throw new LaunchError('ENGINE_UNAVAILABLE', `Version 1 of compose can't do ${strategy}.`, {
        remedy: 'Install docker-compose-plugin, or use `strategy: recreate`.',
      });
    }
  }
  if (route === undefined) return undefined;
  if (edge === undefined) {
    reporter.info(
      'This host has no edge proxy (`launch edge up`), so the route is left to whoever serves it.',
    );
    return undefined;
  }
  const routed = routedService(model, service.settings, service.name, place);
  if (routed === undefined) return undefined;
  const { host, path, port } = route;
  const wanted = { id: routeId(owner), host, path, port, service: routed };
  const rival = rivalOf(wanted, await edge.proxy.routes());
  if (rival === undefined) return wanted;
  throw new LaunchError(
    'CONFIG_INVALID',
    `The edge proxy already serves ${printable(host, 120)}${printable(path, 120)} for another service (${printable(rival.id, 120)}).`,
    { place, remedy: 'Nothing has been changed. Give one of them another host or path.' },
  );
}

function noEdge(strategy: string): LaunchError {
  return new LaunchError(
    'CONFIG_INVALID',
    `The strategy ${strategy} needs the edge proxy, which this host does not have.`,
    { remedy: 'Nothing has been changed. Set it up with `launch edge up`, or use `strategy: recreate`.' },
  );
}

/** By compose service, what compose compares; empty where it can't say, so that everything counts as changed. */
export async function composeHashes(
  { env, top }: Deployment,
  { project }: LaidOut,
): Promise<ReadonlyMap<string, string>> {
  const hashed = await run(hashArgv(project), { env, cwd: top, timeout: 60_000 });
  return new Map(
    (succeeded(hashed) ? hashed.stdout : '').split('\n').flatMap((line) => {
      const [name, hash] = line.trim().split(/\s+/);
      return name === undefined || hash === undefined ? [] : [[name, hash] as const];
    }),
  );
}

/** Which containers get a new generation beside the old one. */
export async function planBeside(
  deployment: Deployment,
  { model }: LaidOut,
  hashes: ReadonlyMap<string, string>,
  images: Images,
  originals: readonly InspectedContainer[],
): Promise<Generations> {
  const { reporter, service } = deployment;
  const wanted = new Map(
    await Promise.all(
      Object.entries(model.services).map(async ([name, it]): Promise<readonly [string, Wanted]> => {
        const image = (await images.find(imageOf(model, name)))?.id;
        const isStateful = service.settings.stateful.includes(name);
        return [name, { configHash: hashes.get(name), image, replicas: replicasOf(it), isStateful }];
      }),
    ),
  );
  const present = originals.map((it) => ({
    id: it.Id,
    service: labelOf(it, serviceLabel),
    configHash: labelOf(it, 'com.docker.compose.config-hash'),
    image: it.Image,
  }));
  const planned = planGenerations(wanted, present);
  for (const name of planned.outdated) {
    reporter.warning(
      `"${name}" is stateful, so it stays as it is, though the release says something else of it. Deploy once with the strategy recreate to bring it up to date.`,
    );
  }
  return planned;
}
