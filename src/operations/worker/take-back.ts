import { setTimeout as sleep } from 'node:timers/promises';
import { describeShares, soleVersion, type WorkerDeployment } from '../../core/cloudflare/live-state.ts';
import { takenBackMessage } from '../../core/cloudflare/version-note.ts';
import { LaunchError } from '../../core/errors.ts';
import { readDeployments } from './read-past.ts';
import { setTraffic } from './set-traffic.ts';
import type { WorkerWork } from './worker-work.ts';

export interface WayBack {
  readonly worker: string;
  /** What had all traffic before; undefined for the first deployment of a worker. */
  readonly old: string | undefined;
  /** Undefined where it never came to be. */
  readonly failed: string | undefined;
  /** Whether this run has changed the traffic, or may have. */
  readonly touched: boolean;
}

export interface TakenBack {
  /** Undefined where nothing has all of the traffic, or Cloudflare could not be asked. */
  readonly live: string | undefined;
  /** Why the old version could not get its traffic back; undefined where it has it, or there is none. */
  readonly because: string | undefined;
}

/** The way back is tried again: what fails for a moment must not leave a bad version with the traffic. */
const pausesMs = [500];

/**
 * Gives the traffic back to the version that had it before. What somebody else has deployed meanwhile is left as it is.
 */
export async function takeBack(work: WorkerWork, way: WayBack): Promise<TakenBack> {
  const { worker, old } = way;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await goBack(work, way);
    } catch (error) {
      if (!(error instanceof LaunchError)) throw error;
      const pause = pausesMs[attempt];
      if (pause === undefined || error.code === 'API_AUTH') {
        const live = await liveNow(work, worker);
        return { live, because: live === old ? undefined : error.summary.replace(/\.$/, '') };
      }
      await sleep(pause);
    }
  }
}

async function goBack(work: WorkerWork, { worker, old, failed, touched }: WayBack): Promise<TakenBack> {
  const [now] = (await readDeployments(work.wayBack, worker)) ?? [];
  const live = soleVersion(now);
  // A list that is a moment behind may show the old state, so that what was touched is set in any case.
  if (old === undefined || now === undefined || (live === old && !touched))
    return { live, because: undefined };
  if (!isOurs(now, [old, failed])) return { live, because: 'somebody else has deployed meanwhile' };
  const shares = [{ versionId: old, percentage: 100 }];
  const message = takenBackMessage(failed ?? 'a failed run');
  let set = await setTraffic(work.wayBack, { worker, shares, message, after: now });
  for (let again = 0; again < 3; again += 1) {
    // A step that this run has sent before may come to pass only now.
    const [late] = (await readDeployments(work.wayBack, worker)) ?? [];
    if (late === undefined || !isAfter(late, set) || !isOurs(late, [old, failed])) break;
    set = await setTraffic(work.wayBack, { worker, shares, message, after: late });
  }
  work.reporter.info(`${worker}: ${describeShares(shares)}`);
  return { live: soleVersion(set), because: undefined };
}

function isAfter(a: WorkerDeployment, b: WorkerDeployment): boolean {
  return a.id !== b.id && Date.parse(a.createdOn) > Date.parse(b.createdOn);
}

function isOurs({ shares }: WorkerDeployment, ids: readonly (string | undefined)[]): boolean {
  return shares.every(({ versionId }) => ids.includes(versionId));
}

/** What has all of the traffic; undefined where nothing has, or it could not be asked. */
export async function liveNow(work: WorkerWork, worker: string): Promise<string | undefined> {
  const deployments = await readDeployments(work.wayBack, worker).catch(() => undefined);
  return soleVersion(deployments?.[0]);
}
