import { setTimeout as sleep } from 'node:timers/promises';
import { workingTreeView } from '../../adapters/files/working-tree.ts';
import { runCancelled } from '../../core/cancelled.ts';
import { formatDuration } from '../../core/config/duration.ts';
import { portPart } from '../../core/deploy/child-env.ts';
import type { ContainerVerdict } from '../../core/deploy/container-verdict.ts';
import type { Failure } from '../../core/deploy/result.ts';
import type { HealthCheck } from '../../core/health/check.ts';
import { failedChecks, type HealthReport } from '../../core/health/report.ts';
import { serviceChecks } from '../../core/health/service-checks.ts';
import { loadServiceFile, type Service } from '../../core/project/service.ts';
import { shapeOf } from '../../core/project/shape.ts';
import { settingsOn } from '../../core/project/target-settings.ts';
import { joinPath } from '../../core/project/view.ts';
import { checkHealth } from '../check-health.ts';
import type { Deployment } from './deployment.ts';
import type { Verifiable } from './driver.ts';

/** How often the containers are looked at; the engine answers within some milliseconds. */
const lookMs = 150;

export interface Verification {
  readonly checks: readonly HealthCheck[];
  /** Undefined where there are no containers to look at. */
  readonly look: (() => Promise<ContainerVerdict>) | undefined;
  /** The last lines of a container, or of all when none is named. */
  readonly tail: (container: string | undefined) => Promise<readonly string[]>;
  /** How long it has to run once all is well, in milliseconds; by default only where nothing is asked. */
  readonly steadyMs?: number | undefined;
  readonly settling?: Settling | undefined;
}

/** Containers that nothing asks, in a service of which something else is asked. */
export interface Settling {
  /** Whether it was started for this release, and no check of the service asks it. */
  readonly isUnasked: (container: string, checks: readonly HealthCheck[]) => boolean;
  /** Since when each is known to run, as `performance.now` counts; those that are seen for the first time are added. */
  readonly since: Map<string, number>;
}

/** So long a container that nothing asks has to run: what fails for want of a setting or a peer has failed by then. */
const settlingMs = 3000;

/**
 * Waits until a release is in order: its containers run, are healthy where they say so, and every check has
 * passed. Without any check it has to run for a while without an exit or a restart: there is no success
 * without a probe, and a new container that nothing asks has to run for three seconds. Fails as soon as one of them fails.
 */
export async function verifyRelease(
  deployment: Deployment,
  verification: Verification,
): Promise<Failure | undefined> {
  const { signal } = deployment.interruption;
  const stop = new AbortController();
  const abort = () => stop.abort();
  signal?.addEventListener('abort', abort, { once: true });
  const asking = askChecks(deployment, verification.checks, stop.signal);
  try {
    return await watch(deployment, verification, asking);
  } finally {
    stop.abort();
    signal?.removeEventListener('abort', abort);
    await asking?.ended;
  }
}

/** Checks under way; `report` is there once they have ended. */
interface Asking {
  report: HealthReport | undefined;
  readonly ended: Promise<void>;
}

function askChecks(
  { reporter }: Deployment,
  checks: readonly HealthCheck[],
  signal: AbortSignal,
): Asking | undefined {
  if (checks.length === 0) return undefined;
  const asking: { -readonly [K in keyof Asking]: Asking[K] } = {
    report: undefined,
    ended: Promise.resolve(),
  };
  asking.ended = checkHealth(checks, reporter, signal).then(
    (report) => {
      asking.report = report;
    },
    // Given up, because the verdict has fallen without them.
    () => {},
  );
  return asking;
}

async function watch(
  { request, steadyMs, interruption }: Deployment,
  verification: Verification,
  asking: Asking | undefined,
): Promise<Failure | undefined> {
  const { look, tail } = verification;
  const started = performance.now();
  let goodSince: number | undefined;
  for (;;) {
    const verdict: ContainerVerdict = look === undefined ? seenByChecks : await look();
    const now = performance.now();
    if (interruption.signal?.aborted === true) throw runCancelled();
    const fault = faultOf(verdict, asking, now - started, Math.max(request.timeoutMs, steadyMs));
    if (fault !== undefined) return { reason: fault.reason, lines: await tail(fault.container) };
    goodSince = isGood(verdict, asking) ? (goodSince ?? now) : undefined;
    const isProbed = asking !== undefined || (verdict.kind === 'good' && verdict.probed);
    const goodFor = goodSince === undefined ? -1 : now - goodSince;
    if (isEnough({ verification, verdict, isProbed, steadyMs }, goodFor, now)) return undefined;
    await Promise.race([sleep(lookMs), ...(asking?.report === undefined && asking ? [asking.ended] : [])]);
  }
}

function isGood(verdict: ContainerVerdict, asking: Asking | undefined): boolean {
  return verdict.kind === 'good' && (asking === undefined || asking.report?.healthy === true);
}

/** Where there are no containers to look at. */
const seenByChecks: ContainerVerdict = { kind: 'good', probed: true, unprobed: [] };

interface Judging {
  readonly verification: Verification;
  readonly verdict: ContainerVerdict;
  readonly isProbed: boolean;
  /** For what nothing asks. */
  readonly steadyMs: number;
}

/** Whether it has been good for long enough; `goodFor` is negative while it is not. */
function isEnough(
  { verification, verdict, isProbed, steadyMs }: Judging,
  goodFor: number,
  now: number,
): boolean {
  const { steadyMs: declared, settling, checks } = verification;
  // Whoever is content with less for a whole service asks no more of one container.
  const areSettled = haveSettled(verdict, { settling, forMs: Math.min(settlingMs, steadyMs) }, checks, now);
  if (goodFor < 0 || goodFor < (declared ?? (isProbed ? 0 : steadyMs))) return false;
  // Where nothing at all is asked, the time of the whole release is what counts.
  return areSettled || (!isProbed && declared === undefined);
}

interface Fault {
  readonly reason: string;
  /** The one it is about; undefined when it is about all. */
  readonly container: string | undefined;
}

function faultOf(
  verdict: ContainerVerdict,
  asking: Asking | undefined,
  elapsed: number,
  limit: number,
): Fault | undefined {
  if (verdict.kind === 'failed') return { reason: verdict.reason, container: verdict.container.id };
  if (asking?.report?.healthy === false) return { reason: failedChecks(asking.report), container: undefined };
  // The checks have bounds of their own; this one is for containers.
  if (verdict.kind === 'good' || elapsed <= limit) return undefined;
  return { reason: `${verdict.on} after ${formatDuration(elapsed)}`, container: undefined };
}

/** Whether every container that nothing asks has run long enough. */
function haveSettled(
  verdict: ContainerVerdict,
  { settling, forMs }: { readonly settling: Settling | undefined; readonly forMs: number },
  checks: readonly HealthCheck[],
  now: number,
): boolean {
  if (settling === undefined || verdict.kind === 'failed') return true;
  const { since, isUnasked } = settling;
  for (const id of verdict.unprobed) if (!since.has(id)) since.set(id, now);
  return verdict.unprobed.every((id) => now - (since.get(id) ?? now) >= forMs || !isUnasked(id, checks));
}

/** The checks that a release brings along: read from its own snapshot, so that an old one is judged by its own. */
export async function checksOf(
  deployment: Deployment,
  release: Verifiable,
  env: Readonly<Record<string, string>>,
): Promise<HealthCheck[]> {
  const service = await releasedService(deployment, release);
  if (service === undefined || release.snapshot === undefined) return [];
  // Only for those that name a compose service: all the containers are looked at in any case.
  const compose = service.settings.health.some((setting) => setting.container !== undefined)
    ? env['COMPOSE_PROJECT_NAME']
    : undefined;
  return serviceChecks(service, {
    cwd: joinPath(release.snapshot, release.folder),
    env: { ...env, ...portPart(release.port) },
    ...(compose === undefined ? {} : { project: compose }),
    secrets: deployment.secretValues,
    timing: { timeoutMs: deployment.request.timeoutMs },
  });
}

/** How long it wants to run before it counts as good; as it says itself, like its checks. */
export async function steadyOf(deployment: Deployment, release: Verifiable): Promise<number | undefined> {
  return (await releasedService(deployment, release))?.settings.steady;
}

async function releasedService(deployment: Deployment, release: Verifiable): Promise<Service | undefined> {
  if (release.snapshot === undefined) return undefined;
  const view = workingTreeView(release.snapshot);
  const shape = shapeOf((await view.entries(release.folder)) ?? []);
  if (shape === undefined) return undefined;
  const { name } = deployment.service;
  const folder = { ...deployment.service.folder, name, contentPath: release.folder, shape };
  const project = { view, root: '', configPath: 'launch.yml', config: emptyConfig, folders: [] };
  return {
    name,
    folder,
    settings: settingsOn(await loadServiceFile(project, folder), deployment.owner.target),
    placements: [deployment.placement],
  };
}

const emptyConfig = { services: 'services/*', targets: {}, defaults: {}, registries: [], shared: [] };
