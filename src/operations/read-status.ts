import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type EngineApi, openEngine } from '../adapters/engine/api.ts';
import { type Containers, containersOf, type InspectedContainer } from '../adapters/engine/containers.ts';
import { findEndpoint } from '../adapters/engine/endpoint.ts';
import { openServiceState, type ServiceState } from '../adapters/state/service-state.ts';
import { hostPart } from '../core/deploy/child-env.ts';
import { judgeContainers } from '../core/deploy/container-verdict.ts';
import { driftOf } from '../core/deploy/drift.ts';
import type { Freeze } from '../core/deploy/freeze.ts';
import type { Release } from '../core/deploy/release.ts';
import { layout } from '../core/deploy/state-layout.ts';
import { LaunchError } from '../core/errors.ts';
import { serviceChecks } from '../core/health/service-checks.ts';
import { joinPath } from '../core/project/view.ts';
import { cutRedactor } from '../core/secrets/redact.ts';
import { checkHealth } from './check-health.ts';
import {
  environmentValues,
  inspectProject,
  labelOf,
  nameOf,
  now,
  serviceLabel,
} from './deploy/compose/project-containers.ts';
import { serviceOfRelease } from './deploy/release-service.ts';
import { silentReporter } from './reporter.ts';

export interface StatusRequest {
  readonly stateRoot: string;
  /** Only these; all when it is empty. */
  readonly services: readonly string[];
  readonly hostEnv: NodeJS.ProcessEnv;
}

export type Health = 'healthy' | 'unhealthy' | 'starting' | 'unknown';

/** One service on this host. */
export interface ServiceStatus {
  readonly repository: string;
  readonly target: string;
  readonly service: string;
  /** The release that serves; undefined where none ever did. */
  readonly release: string | undefined;
  readonly restores: string | undefined;
  readonly commit: string | undefined;
  readonly at: string | undefined;
  readonly by: string | undefined;
  readonly url: string | undefined;
  readonly health: Health;
  /** Why it is not healthy, or not known; empty when it is healthy. */
  readonly detail: string;
  readonly drift: readonly string[];
  readonly frozen: Freeze | undefined;
  /** Whether a deployment is under way, or was interrupted. */
  readonly unfinished: boolean;
}

/** Everything that was deployed on this host, and whether it still is what was released. Changes nothing. */
export async function readStatus(request: StatusRequest): Promise<ServiceStatus[]> {
  const found = await servicesBelow(request.stateRoot);
  const wanted = found.filter(
    ({ at }) => request.services.length === 0 || request.services.includes(at[3] ?? ''),
  );
  const engine = await engineOf(request.hostEnv);
  try {
    return await Promise.all(wanted.map(async ({ at, state }) => await statusOf(at, state, engine)));
  } finally {
    engine?.close();
  }
}

/** owner/name/target/service, as far as the folders tell. */
async function servicesBelow(
  root: string,
): Promise<{ readonly at: string[]; readonly state: ServiceState }[]> {
  let level: string[][] = [[]];
  for (let depth = 0; depth < 4; depth += 1) {
    const next = await Promise.all(
      level.map(async (at) => {
        const entries = await readdir(join(root, ...at), { withFileTypes: true }).catch(() => []);
        return entries.filter((it) => it.isDirectory()).map((it) => [...at, it.name]);
      }),
    );
    level = next.flat();
  }
  const services = await Promise.all(
    level.map(async (at) => {
      const names: string[] = await readdir(join(root, ...at)).catch(() => []);
      const isService = names.includes(layout.releases) || names.includes(layout.history);
      return isService ? [{ at, state: openServiceState(join(root, ...at), false) }] : [];
    }),
  );
  return services.flat().sort((a, b) => (a.at.join('/') < b.at.join('/') ? -1 : 1));
}

async function engineOf(env: NodeJS.ProcessEnv): Promise<EngineApi | undefined> {
  try {
    return openEngine(await findEndpoint(hostPart(env)));
  } catch (error) {
    if (error instanceof LaunchError) return undefined;
    throw error;
  }
}

async function statusOf(
  [owner = '', name = '', target = '', service = '']: readonly string[],
  state: ServiceState,
  engine: EngineApi | undefined,
): Promise<ServiceStatus> {
  const [current, frozen, journal] = await Promise.all([
    state.readCurrent(),
    state.readFreeze(),
    state.readJournal(),
  ]);
  return {
    // The record has the names as they are; folders may have been made safe.
    repository: current?.repository ?? `${owner}/${name}`,
    target: current?.target ?? target,
    service: current?.service ?? service,
    release: current?.id,
    restores: current?.restores,
    commit: current?.commit,
    at: current?.at,
    by: current?.by,
    url: current?.url,
    frozen,
    unfinished: journal.length > 0,
    ...(await healthOf(current, state, engine)),
  };
}

async function healthOf(
  current: Release | undefined,
  state: ServiceState,
  engine: EngineApi | undefined,
): Promise<Pick<ServiceStatus, 'health' | 'detail' | 'drift'>> {
  if (current === undefined) return { health: 'unknown', detail: 'nothing was released', drift: [] };
  try {
    const { drift, fault, isStarting, secrets } = await lookAtContainers(current, engine);
    if (fault !== undefined) return { health: isStarting ? 'starting' : 'unhealthy', detail: fault, drift };
    return { ...(await askChecks(current, state, secrets)), drift };
  } catch (error) {
    if (!(error instanceof LaunchError)) throw error;
    return { health: 'unknown', detail: error.summary, drift: [] };
  }
}

interface LookedAt {
  readonly drift: string[];
  readonly fault?: string;
  readonly isStarting?: boolean;
  /** What no report may show. */
  readonly secrets: readonly string[];
}

async function lookAtContainers(release: Release, engine: EngineApi | undefined): Promise<LookedAt> {
  if (release.project === undefined) return { drift: [], secrets: [] };
  if (engine === undefined) {
    throw new LaunchError('ENGINE_UNAVAILABLE', 'the Docker Engine can not be asked', {
      remedy: 'Start it, or let this user use it.',
    });
  }
  const containers: Containers = containersOf(engine);
  const found = await inspectProject(containers, release.project);
  const drift = driftOf(release, found.map(asRunning));
  // How often they restarted since they were released is nothing that is known here.
  const restarts = new Map(found.map((it) => [it.Id, it.RestartCount ?? 0]));
  // Which of its values are secret is not known here.
  const secrets = environmentValues(found);
  const hide = cutRedactor(secrets, 'end');
  const verdict = judgeContainers(
    found.map((it) => now(it, hide)),
    restarts,
  );
  if (found.length === 0 && release.containers.length > 0)
    return { drift, secrets, fault: 'no container is there' };
  if (verdict.kind === 'failed') return { drift, secrets, fault: verdict.reason };
  return { drift, secrets, ...(verdict.kind === 'waiting' ? { fault: verdict.on, isStarting: true } : {}) };
}

function asRunning(container: InspectedContainer) {
  const policy = container.HostConfig['RestartPolicy'];
  const name = typeof policy === 'object' && policy !== null && 'Name' in policy ? policy.Name : '';
  return {
    id: container.Id,
    name: nameOf(container),
    service: labelOf(container, serviceLabel),
    image: container.Image,
    status: container.State.Status,
    isLasting: name === 'always' || name === 'unless-stopped',
  };
}

/** What can be asked without the service's secrets: over the network, once. */
async function askChecks(
  release: Release,
  state: ServiceState,
  secrets: readonly string[],
): Promise<Pick<ServiceStatus, 'health' | 'detail'>> {
  const snapshot = join(state.releaseFolder(release.id), layout.snapshot);
  const service = await serviceOfRelease(release, snapshot);
  const all = serviceChecks(service, { cwd: joinPath(snapshot, release.folder), env: {}, secrets });
  const checks = all
    .filter((check) => check.kind === 'http' || check.kind === 'tcp')
    .map((check) => ({ ...check, timeoutMs: 2000, successes: 1 }));
  if (checks.length === 0) {
    return release.project === undefined
      ? { health: 'unknown', detail: 'nothing of it can be asked from here' }
      : { health: 'healthy', detail: '' };
  }
  const report = await checkHealth(checks, silentReporter);
  if (report.healthy) return { health: 'healthy', detail: '' };
  const failed = report.checks.find((check) => check.outcome === 'unhealthy');
  return {
    health: 'unhealthy',
    detail: failed === undefined ? 'a check failed' : `${failed.label}: ${failed.why}`,
  };
}
