import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type EdgeSettings,
  readEdgeSettings,
  removeEdgeSettings,
  writeEdgeSettings,
} from '../adapters/edge/edge-file.ts';
import { openEngine } from '../adapters/engine/api.ts';
import { containersOf } from '../adapters/engine/containers.ts';
import { findEndpoint } from '../adapters/engine/endpoint.ts';
import { run, succeeded } from '../adapters/process/run.ts';
import { listCurrent } from '../adapters/state/list-current.ts';
import { openServiceState } from '../adapters/state/service-state.ts';
import { makeStateFolder } from '../adapters/state/state-root.ts';
import { type EdgeProxy, type ServedRoute, trimmed } from '../core/deploy/edge.ts';
import { LaunchError } from '../core/errors.ts';
import { printable } from '../core/names.ts';
import { proxyOf } from './deploy/compose/open-edge.ts';
import { leadsTo, targetsOf } from './deploy/compose/traffic.ts';
import type { Reporter } from './reporter.ts';

export interface EdgeRequest {
  readonly stateRoot: string;
  readonly env: NodeJS.ProcessEnv;
}

export interface EdgeUpRequest extends EdgeRequest {
  /** A Caddy that runs already, by its admin API; without it a container is started. */
  readonly admin: string | undefined;
  readonly image: string;
  readonly http: number;
  readonly https: number;
  readonly tls: 'auto' | 'off';
  readonly bind: string | undefined;
}

export interface EdgeStatus {
  readonly settings: EdgeSettings | undefined;
  readonly answers: boolean;
  readonly routes: readonly (ServedRoute & {
    readonly service: string;
    readonly target: string;
    readonly right: boolean;
  })[];
  /** Whether the kernel hands waiting connections on when Caddy changes its configuration. */
  readonly handsOver: boolean | undefined;
}

const containerName = 'launch-edge';
const ownAdmin = '127.0.0.1:2019';

/**
 * Sets up the edge proxy of this host: starts one in a container, or takes one that runs already. Routes of the
 * services that are deployed come with it. Doing it again changes nothing but what is asked for.
 *
 * @throws LaunchError ENGINE_UNAVAILABLE, DEPLOY_FAILED, PORT_IN_USE
 */
export async function edgeUp(request: EdgeUpRequest, reporter: Reporter): Promise<EdgeStatus> {
  const { stateRoot, http, https, tls, bind } = request;
  const known = await readEdgeSettings(stateRoot);
  const admin = request.admin ?? ownAdmin;
  const settings: EdgeSettings = {
    ...{ admin, http, https, tls },
    ...(bind === undefined ? {} : { bind }),
    ...(request.admin === undefined ? { container: containerName } : {}),
  };
  if (settings.container === undefined && known?.container !== undefined) await removeContainer(request);
  if (settings.container !== undefined) await startContainer(request, reporter);
  const proxy = proxyOf(settings);
  try {
    await untilReady(proxy);
    await makeStateFolder(stateRoot, '.');
    await writeEdgeSettings(stateRoot, settings);
    await handOverConnections(settings.container !== undefined, reporter);
    await assertRoutes(request, proxy, reporter);
  } finally {
    proxy.close();
  }
  return await edgeStatus(request);
}

/** Where it is, whether it answers, and whether each route leads where it should. */
export async function edgeStatus({ stateRoot, env }: EdgeRequest): Promise<EdgeStatus> {
  const settings = await readEdgeSettings(stateRoot);
  const handsOver = await readHandOver();
  if (settings === undefined) return { settings, answers: false, routes: [], handsOver };
  const proxy = proxyOf(settings);
  const api = openEngine(await findEndpoint(env));
  try {
    const served = await proxy.routes().catch(() => undefined);
    if (served === undefined) return { settings, answers: false, routes: [], handsOver };
    const containers = containersOf(api);
    const releases = await listCurrent(stateRoot);
    const routes = await Promise.all(
      served.map(async (it) => {
        const release = releases.find(({ route }) => route?.id === it.id);
        if (release?.route === undefined || release.project === undefined) {
          return { ...it, service: '?', target: '?', right: false };
        }
        const targets = await targetsOf(containers, release.project, release.route);
        const upstreams = targets.map(({ upstream }) => upstream);
        const right = upstreams.length > 0 && (await leadsTo(proxy, release.route, upstreams));
        return { ...it, service: release.service, target: release.target, right };
      }),
    );
    return { settings, answers: true, routes, handsOver };
  } finally {
    api.close();
    proxy.close();
  }
}

/** Takes the proxy down that `edgeUp` has started; one that is somebody else's only loses the routes. */
export async function edgeDown(request: EdgeRequest): Promise<{ readonly wasThere: boolean }> {
  const settings = await readEdgeSettings(request.stateRoot);
  if (settings === undefined) return { wasThere: false };
  if (settings.container !== undefined) await removeContainer(request);
  else {
    const proxy = proxyOf(settings);
    try {
      for (const { id } of await proxy.routes()) await proxy.remove(id);
    } finally {
      proxy.close();
    }
  }
  await removeEdgeSettings(request.stateRoot);
  return { wasThere: true };
}

/**
 * Leads every route to the containers that serve now: after a restart of the host they have other addresses. A
 * service whose deployment is unfinished is left to its own recovery.
 */
export async function restoreRoutes(request: EdgeRequest, reporter: Reporter): Promise<void> {
  const settings = await readEdgeSettings(request.stateRoot);
  if (settings === undefined) return;
  const proxy = proxyOf(settings);
  try {
    await untilReady(proxy);
    await assertRoutes(request, proxy, reporter);
  } finally {
    proxy.close();
  }
}

async function assertRoutes(
  { stateRoot, env }: EdgeRequest,
  proxy: EdgeProxy,
  reporter: Reporter,
): Promise<void> {
  const api = openEngine(await findEndpoint(env));
  try {
    const containers = containersOf(api);
    for (const { route, project, service, stateFolder } of await listCurrent(stateRoot)) {
      if (route === undefined || project === undefined) continue;
      if ((await openServiceState(stateFolder, false).readJournal()).length > 0) continue;
      const targets = await targetsOf(containers, project, route);
      const upstreams = targets.map(({ upstream }) => upstream);
      if (upstreams.length === 0) {
        reporter.warning(
          `No container of "${service}" runs: its route ${route.host}${trimmed(route.path)} stays as it is.`,
        );
      } else if (!(await leadsTo(proxy, route, upstreams))) {
        await proxy.serve(route, upstreams, []);
        reporter.info(`${route.host}${trimmed(route.path)} leads to ${service} (${upstreams.join(', ')}).`);
      }
    }
  } finally {
    api.close();
  }
}

/** The admin API listens on loopback only; with the host's network the proxy reaches every container's address. */
async function startContainer({ image, env, http, https }: EdgeUpRequest, reporter: Reporter): Promise<void> {
  const inspected = await run(['docker', 'inspect', '--format', '{{.State.Running}}', containerName], {
    env,
    timeout: 30_000,
  });
  if (succeeded(inspected)) {
    if (inspected.stdout.trim() === 'true') return;
    await docker(['start', containerName], env);
    return;
  }
  reporter.info(`Starting the edge proxy (${image}) on the ports ${http} and ${https}.`);
  const volumes = ['--volume', 'launch-edge-data:/data', '--volume', 'launch-edge-config:/config'];
  await docker(
    [
      ...['run', '--detach', '--name', containerName, '--label', 'launch.edge=1'],
      ...['--restart', 'unless-stopped', '--network', 'host', ...volumes, image],
      // What it served last it serves again after a restart.
      ...['caddy', 'run', '--resume'],
    ],
    env,
  );
}

async function removeContainer({ env }: EdgeRequest): Promise<void> {
  await docker(['rm', '--force', containerName], env);
}

async function docker(args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const result = await run(['docker', ...args], { env, timeout: 300_000 });
  if (succeeded(result)) return;
  throw new LaunchError(
    'DEPLOY_FAILED',
    `docker ${args[0]} of the edge proxy failed: ${printable(result.stderr, 300)}.`,
    {
      remedy: 'Mend what it names, then run `launch edge up` again.',
    },
  );
}

async function untilReady(proxy: EdgeProxy): Promise<void> {
  const end = performance.now() + 15_000;
  for (;;) {
    try {
      await proxy.assertReady();
      return;
    } catch (error) {
      if (performance.now() > end) throw error;
      await sleep(200);
    }
  }
}

const handOverFile = '/proc/sys/net/ipv4/tcp_migrate_req';

async function readHandOver(): Promise<boolean | undefined> {
  const text = await readFile(handOverFile, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : text.trim() === '1';
}

/**
 * Each change of Caddy's configuration opens its ports anew and closes the old sockets; a connection that waits in
 * one of those at that moment is reset, about one in thirty changes at 200 connections a second. With this switch
 * of the kernel (5.14 and later) it goes over to the new socket instead.
 */
async function handOverConnections(mayChange: boolean, reporter: Reporter): Promise<void> {
  if ((await readHandOver()) !== false) return;
  if (mayChange && (await setHandOver())) return;
  reporter.warning(
    'Under load a switch may reset a connection that is just being made. As root, prevent it with: echo net.ipv4.tcp_migrate_req=1 > /etc/sysctl.d/60-launch-edge.conf && sysctl --system',
  );
}

async function setHandOver(): Promise<boolean> {
  try {
    await writeFile(handOverFile, '1');
    await writeFile('/etc/sysctl.d/60-launch-edge.conf', 'net.ipv4.tcp_migrate_req = 1\n');
    return true;
  } catch {
    // Only root may.
    return false;
  }
}
