import {
  describeShares,
  type VersionShare,
  type WorkerDeployment,
} from '../../core/cloudflare/live-state.ts';
import { checksOfTraffic, checksOfVersion, type VersionAsked } from '../../core/cloudflare/smoke-test.ts';
import { stepMessage } from '../../core/cloudflare/version-note.ts';
import type { SmokeTested } from '../../core/cloudflare/worker-result.ts';
import { LaunchError } from '../../core/errors.ts';
import type { HealthCheck } from '../../core/health/check.ts';
import { describeOutcome } from '../../core/health/report.ts';
import { checkHealth } from '../check-health.ts';
import { setTraffic } from './set-traffic.ts';
import type { WorkerWork } from './worker-work.ts';

/** The traffic of a worker, as far as this run knows. */
export interface Traffic {
  /** The deployment by which it goes. */
  deployment: WorkerDeployment;
  /** Whether this run has changed it, or may have. */
  touched: boolean;
}

export interface Shift {
  /** The version that is to have the traffic, and how it is asked for. */
  readonly to: VersionAsked;
  /** What has it now. */
  readonly from: string;
  /** Kept up to date for whoever has to take it back. */
  readonly traffic: Traffic;
  readonly checks: readonly HealthCheck[];
  /** Percentages on the way. */
  readonly gradual: readonly number[];
  /** The last word, when all of it is done. */
  readonly message: string;
  /** Done when the tests are passed, before the version gets the rest of the traffic. */
  readonly beforehand?: (() => Promise<void>) | undefined;
  /** Done once it has all traffic. */
  readonly afterwards?: (() => Promise<void>) | undefined;
}

/**
 * Tests a version while it has no traffic, then gives it the traffic step by step. Whatever happens on the way is noted
 * with the traffic itself, so that the next run knows what to go back to.
 *
 * @throws LaunchError when something on the way fails: the traffic is then as the last step has left it
 */
export async function shiftTraffic(work: WorkerWork, shift: Shift): Promise<SmokeTested> {
  const { to, from, checks, gradual, traffic } = shift;
  const give = async (percentage: number, message: string) => {
    work.goOn();
    const shares: VersionShare[] =
      percentage === 100
        ? [{ versionId: to.versionId, percentage }]
        : [
            { versionId: to.versionId, percentage },
            { versionId: from, percentage: 100 - percentage },
          ];
    traffic.touched = true;
    const after = traffic.deployment;
    traffic.deployment = await setTraffic(work.client, { worker: to.worker, shares, message, after });
    work.reporter.info(`${to.worker}: ${describeShares(shares)}`);
  };
  const ofVersion = checksOfVersion(checks, to);
  if (ofVersion === undefined) {
    work.notice(
      `The name "${to.worker}" can't stand in the header by which Cloudflare chooses a version, so that the new one is tested only once it has the traffic.`,
    );
  } else if (checks.length > 0) {
    if (needsSplit(ofVersion, to)) await give(0, stepMessage(0, from));
    await assertHealthy(work, ofVersion);
    for (const percentage of gradual.filter((step) => step < 100)) {
      await give(percentage, stepMessage(percentage, from));
      await assertHealthy(work, ofVersion);
    }
  }
  await shift.beforehand?.();
  const isLast = checks.length === 0 && shift.afterwards === undefined;
  await give(100, isLast ? shift.message : stepMessage(100, from));
  if (isLast) return 'no';
  await shift.afterwards?.();
  await assertHealthy(work, checksOfTraffic(checks, to));
  await give(100, shift.message);
  if (checks.length === 0) return 'no';
  return ofVersion === undefined ? 'afterwards' : 'before traffic';
}

/** A version that answers at its own address need not be deployed to be tested. */
function needsSplit(checks: readonly HealthCheck[], { previewUrl }: VersionAsked): boolean {
  return checks.some(
    (check) => check.kind !== 'http' || previewUrl === undefined || !check.url.startsWith(previewUrl),
  );
}

/** @throws LaunchError HEALTH_FAILED, CANCELLED, TIMEOUT */
export async function assertHealthy(work: WorkerWork, checks: readonly HealthCheck[]): Promise<void> {
  if (checks.length === 0) return;
  work.goOn();
  // A check that has no time of its own left says what it saw, and not only that the time is over.
  const inTime = checks.map((check) => ({
    ...check,
    timeoutMs: Math.max(1000, Math.min(check.timeoutMs, work.timeLeft() - 500)),
  }));
  const report = await checkHealth(inTime, work.reporter, work.over).catch((error: unknown) => {
    work.goOn();
    throw error;
  });
  if (report.healthy) return;
  const failed = report.checks.filter(({ outcome }) => outcome === 'unhealthy').map(describeOutcome);
  throw new LaunchError('HEALTH_FAILED', `The smoke test failed: ${failed.join('; ')}.`, {
    remedy: 'Look at the logs of the worker (`wrangler tail`).',
  });
}
