import { setTimeout as sleep } from 'node:timers/promises';
import { workingTreeView } from '../../adapters/files/working-tree.ts';
import { formatDuration } from '../../core/config/duration.ts';
import type { ContainerVerdict } from '../../core/deploy/container-verdict.ts';
import type { Failure } from '../../core/deploy/result.ts';
import type { HealthCheck } from '../../core/health/check.ts';
import { describeOutcome, type HealthReport } from '../../core/health/report.ts';
import { serviceChecks } from '../../core/health/service-checks.ts';
import { loadServiceFile, type Service } from '../../core/project/service.ts';
import { shapeOf } from '../../core/project/shape.ts';
import { joinPath } from '../../core/project/view.ts';
import { checkHealth } from '../check-health.ts';
import type { Deployment } from './deployment.ts';
import type { Verifiable } from './driver.ts';
import { cancelled } from './run-script.ts';

/** How often the containers are looked at; the engine answers within some milliseconds. */
const lookMs = 150;

export interface Verification {
  readonly checks: readonly HealthCheck[];
  /** Undefined where there are no containers to look at. */
  readonly look: (() => Promise<ContainerVerdict>) | undefined;
  /** The last lines of a container, or of all when none is named. */
  readonly tail: (container: string | undefined) => Promise<readonly string[]>;
}

/**
 * Waits until a release is in order: its containers run, are healthy where they say so, and every check has
 * passed. Without any check it has to run for a while without an exit or a restart: there is no success
 * without a probe. Fails as soon as one of them fails.
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
  { look, tail }: Verification,
  asking: Asking | undefined,
): Promise<Failure | undefined> {
  const started = performance.now();
  let goodSince: number | undefined;
  for (;;) {
    const verdict: ContainerVerdict = look === undefined ? { kind: 'good', probed: true } : await look();
    const now = performance.now();
    if (interruption.signal?.aborted === true) throw cancelled();
    const fault = faultOf(verdict, asking, now - started, Math.max(request.timeoutMs, steadyMs));
    if (fault !== undefined) return { reason: fault.reason, lines: await tail(fault.container) };
    goodSince = verdict.kind === 'good' ? (goodSince ?? now) : undefined;
    if (verdict.kind === 'good' && isEnough(verdict.probed, asking, now - (goodSince ?? now), steadyMs)) {
      return undefined;
    }
    await Promise.race([sleep(lookMs), ...(asking?.report === undefined && asking ? [asking.ended] : [])]);
  }
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

/** Every check has passed; and where nothing at all was asked, it has run long enough. */
function isEnough(probed: boolean, asking: Asking | undefined, goodFor: number, steadyMs: number): boolean {
  if (asking !== undefined) return asking.report?.healthy === true;
  return probed || goodFor >= steadyMs;
}

function failedChecks(report: HealthReport): string {
  return report.checks
    .filter((check) => check.outcome === 'unhealthy')
    .map(describeOutcome)
    .join('; ');
}

/** The checks that a release brings along: read from its own snapshot, so that an old one is judged by its own. */
export async function checksOf(
  deployment: Deployment,
  release: Verifiable,
  env: Readonly<Record<string, string>>,
): Promise<HealthCheck[]> {
  if (release.snapshot === undefined) return [];
  const view = workingTreeView(release.snapshot);
  const shape = shapeOf((await view.entries(release.folder)) ?? []);
  if (shape === undefined) return [];
  const { name } = deployment.service;
  const folder = { ...deployment.service.folder, name, contentPath: release.folder, shape };
  const project = { view, root: '', configPath: 'launch.yml', config: emptyConfig, folders: [] };
  const service: Service = {
    name,
    folder,
    settings: await loadServiceFile(project, folder),
    placements: [deployment.placement],
  };
  // Only for those that name a compose service: all the containers are looked at in any case.
  const compose = service.settings.health.some((setting) => setting.container !== undefined)
    ? env['COMPOSE_PROJECT_NAME']
    : undefined;
  return serviceChecks(service, {
    cwd: joinPath(release.snapshot, release.folder),
    env,
    ...(compose === undefined ? {} : { project: compose }),
    secrets: deployment.secretValues,
    timing: { timeoutMs: deployment.request.timeoutMs },
  });
}

const emptyConfig = { services: 'services/*', targets: {}, defaults: {}, registries: [], shared: [] };
