import type { EngineApi } from '../../../adapters/engine/api.ts';
import type { Containers, InspectedContainer } from '../../../adapters/engine/containers.ts';
import type { ContainerVerdict } from '../../../core/deploy/container-verdict.ts';
import { directCheck, isDirected } from '../../../core/deploy/direct-check.ts';
import type { EdgeRoute } from '../../../core/deploy/edge.ts';
import type { Failure } from '../../../core/deploy/result.ts';
import type { HealthCheck } from '../../../core/health/check.ts';
import type { Deployment } from '../deployment.ts';
import { type Settling, verifyRelease } from '../verify-release.ts';
import { labelOf, serviceLabel } from './container-labels.ts';
import { hostPortsOf } from './meant-to-run.ts';
import { probeOwnHealth } from './own-health.ts';
import { inspectProject, judgeFound, type KnownBefore, nameOf, ownOf, tailOf } from './project-containers.ts';
import { asTargets } from './traffic.ts';

export interface TargetVerification {
  readonly api: EngineApi;
  readonly containers: Containers;
  readonly project: string;
  readonly route: EdgeRoute;
  /** Containers that are about to go: nothing is asked of them. */
  readonly leaving: ReadonlySet<string>;
  /** Those that have been verified before. */
  readonly known: ReadonlySet<string>;
  /** The checks of the service, with the container's address handed to commands. */
  readonly checksFor: (upstream: string) => Promise<readonly HealthCheck[]>;
  readonly before: KnownBefore;
  readonly steadyMs: number | undefined;
  readonly settling: Settling;
  /** What no report may show. */
  readonly secrets: readonly string[];
}

/**
 * Verifies the containers that requests are to be led to, each by its own address: what answers at the host's
 * address is still the release before.
 */
export async function verifyTargets(
  deployment: Deployment,
  verification: TargetVerification,
): Promise<Failure | undefined> {
  const { api, containers, project, route, leaving, known, secrets } = verification;
  const inspect = async () =>
    ownOf(await inspectProject(containers, project), verification.before.only).filter(
      (it) => !leaving.has(it.Id),
    );
  const staying = await inspect();
  const tail = async (container: string | undefined) => await tailOf(containers, project, container, secrets);
  const targets = asTargets(staying, project, route);
  if (targets.length === 0) return await nothingRuns(verification, staying, tail);
  const published = publishedBy(staying.filter((it) => labelOf(it, serviceLabel) !== route.service));
  const asked = targets.filter(({ id }) => !known.has(id));
  const checks = await Promise.all(
    asked.map(async ({ address, upstream }) => {
      const declared = await verification.checksFor(upstream);
      const context = { host: route.host, port: route.port, address, published };
      return { address, declared: declared.map((check) => promptly(directCheck(check, context), address)) };
    }),
  );
  const isDeclared = checks.some(({ declared }) => declared.length > 0);
  // That something listens there is the least that has to be known before requests are led to it.
  const all = checks.flatMap(({ address, declared }) =>
    declared.some((check) => isDirected(check, address))
      ? declared
      : [...declared, listens(deployment, address, route)],
  );
  const stop = new AbortController();
  const own = probeOwnHealth(
    api,
    staying.filter((it) => !known.has(it.Id)),
    stop.signal,
  );
  const look = async (): Promise<ContainerVerdict> => {
    const found = await inspect();
    const running = asTargets(found, project, route);
    const verdict = judgeFound(found, { ...verification.before, passed: own.passed });
    if (verdict.kind !== 'good' || asked.every(({ id }) => running.some((it) => it.id === id)))
      return verdict;
    const { unprobed } = verdict;
    return { kind: 'waiting', on: `a container of "${route.service}" no longer runs`, unprobed };
  };
  try {
    const { steadyMs, settling } = verification;
    // Each of the route's is asked at its own address.
    const isTarget = new Set(targets.map(({ id }) => id));
    const beside: Settling = {
      ...settling,
      isUnasked: (id, asking) => !isTarget.has(id) && settling.isUnasked(id, asking),
    };
    const isAsked = isDeclared || own.probed;
    const first = { checks: unique(all), look, tail, settling: isAsked ? beside : undefined };
    const failure = await verifyRelease(deployment, isAsked ? { ...first, steadyMs } : first);
    if (failure !== undefined || isAsked) return failure;
    // Listening is no health: without any check of its own it has to run for a while.
    return await verifyRelease(deployment, { checks: [], look, tail, steadyMs, settling });
  } finally {
    stop.abort();
    await own.ended;
  }
}

async function nothingRuns(
  { route, before }: TargetVerification,
  staying: readonly InspectedContainer[],
  tail: (container: string | undefined) => Promise<readonly string[]>,
): Promise<Failure> {
  const verdict = judgeFound(staying, before);
  const last = staying.findLast((it) => labelOf(it, serviceLabel) === route.service);
  const reason =
    verdict.kind === 'failed'
      ? verdict.reason
      : last === undefined
        ? `there is no container of "${route.service}", where the route leads`
        : `${nameOf(last)} does not run, and the route leads there`;
  return { reason, lines: await tail(last?.Id) };
}

/** A container of this host can be asked often, and as soon as it answers traffic can go over to it. */
function promptly(check: HealthCheck, address: string): HealthCheck {
  return isDirected(check, address) ? { ...check, longestPauseMs: 100 } : check;
}

function listens({ request }: Deployment, host: string, route: EdgeRoute): HealthCheck {
  const timeoutMs = request.timeoutMs;
  const timing = { timeoutMs, intervalMs: 50, longestPauseMs: 100, attemptMs: 2000, successes: 1 };
  return { kind: 'tcp', host, port: route.port, ...timing };
}

/** The checks of a service, each directed at every one of its containers. */
export function directedAt(
  found: readonly InspectedContainer[],
  project: string,
  route: EdgeRoute,
  checks: readonly HealthCheck[],
): HealthCheck[] {
  const published = publishedBy(found.filter((it) => labelOf(it, serviceLabel) !== route.service));
  const { host, port } = route;
  return unique(
    asTargets(found, project, route).flatMap(({ address }) =>
      checks.map((check) => directCheck(check, { host, port, address, published })),
    ),
  );
}

function unique(checks: readonly HealthCheck[]): HealthCheck[] {
  return [...new Map(checks.map((check) => [JSON.stringify(check), check])).values()];
}

/** Host ports that the containers beside the route's publish. */
function publishedBy(found: readonly InspectedContainer[]): Set<number> {
  return new Set(found.flatMap(hostPortsOf));
}
