import { describeShares, shortId, soleVersion, type WorkerPast } from '../../core/cloudflare/live-state.ts';
import { cutOffStep, takenBackMessage } from '../../core/cloudflare/version-note.ts';
import { LaunchError } from '../../core/errors.ts';
import { setTraffic } from './set-traffic.ts';
import type { WorkerWork } from './worker-work.ts';

export interface Mended {
  readonly past: WorkerPast;
  /** What has all of the traffic. */
  readonly live: string;
  /** A version that a run of Launch had given a share of it before it was cut off, and that has none any more. */
  readonly undone: string | undefined;
}

/**
 * What has all of a worker's traffic, before anything else is done to it. A run of Launch that was ended in the middle
 * has left the traffic split: then it goes back to the version that had it. A split of anybody else's is theirs, unless
 * `force` says otherwise; then the version with the greater share counts.
 *
 * @throws LaunchError CONFIG_INVALID
 */
export async function mendSplit(
  work: WorkerWork,
  worker: string,
  past: WorkerPast,
  force: boolean,
): Promise<Mended> {
  const [now] = past.deployments;
  const live = soleVersion(now);
  if (live !== undefined) return { past, live, undone: undefined };
  const step = cutOffStep(now);
  if (now !== undefined && step !== undefined) {
    const { old } = step;
    const failed = now.shares.find(({ versionId }) => versionId !== old)?.versionId ?? old;
    work.notice(
      `A run before this one was cut off and left ${describeShares(now.shares)}: ${shortId(old)} has all of the traffic again.`,
    );
    const mended = await setTraffic(work.client, {
      worker,
      shares: [{ versionId: old, percentage: 100 }],
      message: takenBackMessage(failed),
      after: now,
    });
    return { past: { ...past, deployments: [mended, ...past.deployments] }, live: old, undone: step.halfway };
  }
  const greatest = now?.shares.toSorted((a, b) => b.percentage - a.percentage)[0];
  if (force && greatest !== undefined) return { past, live: greatest.versionId, undone: undefined };
  throw new LaunchError(
    'CONFIG_INVALID',
    `The traffic of "${worker}" is split, and not by Launch: ${describeShares(now?.shares ?? [])}.`,
    {
      remedy:
        'Nothing has been changed. Bring that gradual deployment to its end (`wrangler versions deploy`), use `force`, or name the version to roll back to.',
    },
  );
}

/** What `mendSplit` would find, with nothing changed; of a split of anybody else's the greater share counts. */
export function foreseeMending(past: WorkerPast): Mended {
  const [now] = past.deployments;
  const step = cutOffStep(now);
  const greatest = now?.shares.toSorted((a, b) => b.percentage - a.percentage)[0];
  return { past, live: step?.old ?? greatest?.versionId ?? '', undone: step?.halfway };
}
