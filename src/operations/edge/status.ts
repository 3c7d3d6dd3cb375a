import { type EdgeSettings, readEdgeSettings } from '../../adapters/edge/edge-file.ts';
import { openEngine } from '../../adapters/engine/api.ts';
import { containersOf } from '../../adapters/engine/containers.ts';
import { findEndpoint } from '../../adapters/engine/endpoint.ts';
import { readTcpMigration } from '../../adapters/host/tcp-migration.ts';
import { listCurrent } from '../../adapters/state/list-current.ts';
import { openServiceState } from '../../adapters/state/service-state.ts';
import { isLedTo, type ServedRoute } from '../../core/deploy/edge.ts';
import { servingTargets } from '../deploy/compose/leftovers.ts';
import { proxyOf } from '../deploy/compose/open-edge.ts';
import { inspectProject } from '../deploy/compose/project-containers.ts';

export interface EdgeStatus {
  readonly settings: EdgeSettings | undefined;
  readonly answers: boolean;
  readonly routes: readonly RouteStatus[];
  /** Whether the kernel hands waiting connections on when Caddy changes its configuration; undefined: it can't. */
  readonly handsOver: boolean | undefined;
}

export interface RouteStatus extends ServedRoute {
  /** `?` where no release of this host has the route. */
  readonly service: string;
  readonly target: string;
  /** Whether it leads to the containers that run now. */
  readonly right: boolean;
}

/** Where the edge proxy is, whether it answers, and whether each route leads where it should. */
export async function edgeStatus({
  stateRoot,
  env,
}: {
  readonly stateRoot: string;
  readonly env: NodeJS.ProcessEnv;
}): Promise<EdgeStatus> {
  const settings = await readEdgeSettings(stateRoot);
  const handsOver = await readTcpMigration();
  if (settings === undefined) return { settings, answers: false, routes: [], handsOver };
  const proxy = proxyOf(settings);
  const api = openEngine(await findEndpoint(env));
  try {
    const served = await proxy.routes().catch(() => undefined);
    if (served === undefined) return { settings, answers: false, routes: [], handsOver };
    const containers = containersOf(api);
    const releases = await listCurrent(stateRoot);
    const routes = await Promise.all(
      served.map(async (it): Promise<RouteStatus> => {
        const release = releases.find(({ route }) => route?.id === it.id);
        if (release?.route === undefined || release.project === undefined) {
          return { ...it, service: '?', target: '?', right: false };
        }
        const { project, route, stateFolder } = release;
        const state = openServiceState(stateFolder, false);
        const targets = await servingTargets(
          await inspectProject(containers, project),
          project,
          route,
          state,
        );
        const upstreams = targets.map(({ upstream }) => upstream);
        const right = upstreams.length > 0 && isLedTo(served, release.route, upstreams);
        return { ...it, service: release.service, target: release.target, right };
      }),
    );
    return { settings, answers: true, routes, handsOver };
  } finally {
    api.close();
    proxy.close();
  }
}
