import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type EdgeSettings, readEdgeSettings, writeEdgeSettings } from '../../adapters/edge/edge-file.ts';
import { readTcpMigration, setTcpMigration } from '../../adapters/host/tcp-migration.ts';
import { makeStateFolder } from '../../adapters/state/state-root.ts';
import { proxyOf } from '../deploy/compose/open-edge.ts';
import type { Reporter } from '../reporter.ts';
import { removeEdgeContainer, startEdgeContainer } from './container.ts';
import { restoreRoutes, untilReady } from './restore-routes.ts';
import { type EdgeStatus, edgeStatus } from './status.ts';

export interface EdgeUpRequest {
  readonly stateRoot: string;
  readonly env: NodeJS.ProcessEnv;
  /** Who does it; for the locks of services whose routes are set. */
  readonly by: string;
  /** A Caddy that runs already, by its admin API; without it a container is started. */
  readonly admin: string | undefined;
  readonly image: string;
  readonly http: number;
  readonly https: number;
  readonly tls: 'auto' | 'off';
  readonly bind: string | undefined;
  /** Another one than usual, so that a host can have two. */
  readonly container?: { readonly name: string; readonly admin: string };
}

const usual = { name: 'launch-edge', admin: '127.0.0.1:2019' };

/**
 * Sets up the edge proxy of this host: starts one in a container, or takes one that runs already. Routes of the
 * services that are deployed come with it. Doing it again changes nothing but what is asked for.
 *
 * @throws LaunchError ENGINE_UNAVAILABLE, DEPLOY_FAILED, PORT_IN_USE
 */
export async function edgeUp(request: EdgeUpRequest, reporter: Reporter): Promise<EdgeStatus> {
  const { stateRoot, env, image, http, https, tls, bind } = request;
  const own = request.container ?? usual;
  const known = await readEdgeSettings(stateRoot);
  const settings: EdgeSettings = {
    admin: request.admin ?? own.admin,
    http,
    https,
    tls,
    ...(bind === undefined ? {} : { bind }),
    ...(request.admin === undefined ? { container: own.name } : {}),
  };
  await makeStateFolder(stateRoot, '.');
  if (known?.container !== undefined && known.container !== settings.container) {
    await removeEdgeContainer(known.container, env);
  }
  if (settings.container !== undefined) {
    reporter.info(`Starting the edge proxy (${image}) for the ports ${http} and ${https}.`);
    const configPath = join(stateRoot, 'edge-caddy.json');
    await startEdgeContainer({ ...own, image, http, https, configPath }, env);
  }
  const proxy = proxyOf(settings);
  try {
    await untilReady(proxy);
    // What listens where is settled when the first route comes.
    if (known !== undefined && !isDeepStrictEqual(known, settings)) await proxy.clear();
    await writeEdgeSettings(stateRoot, settings);
  } finally {
    proxy.close();
  }
  await handOverConnections(settings.container !== undefined, reporter);
  await restoreRoutes({ ...request, patienceMs: 0 }, reporter);
  return await edgeStatus(request);
}

/**
 * Each change of Caddy's configuration opens its ports anew and closes the old sockets; a connection that waits in
 * one of those at that moment is reset, about one in thirty changes at 200 connections a second. With this switch
 * of the kernel (5.14 and later) it goes over to the new socket instead.
 */
async function handOverConnections(mayChange: boolean, reporter: Reporter): Promise<void> {
  if ((await readTcpMigration()) !== false) return;
  if (mayChange && (await setTcpMigration())) return;
  reporter.warning(
    'Under load a switch may reset a connection that is just being made. As root, prevent it with: echo net.ipv4.tcp_migrate_req=1 > /etc/sysctl.d/60-launch-edge.conf && sysctl --system',
  );
}
