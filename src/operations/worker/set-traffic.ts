import { setTimeout as sleep } from 'node:timers/promises';
import type { CloudflareClient } from '../../adapters/cloudflare/api.ts';
import { cloudflareCodeOf, isAmbiguous } from '../../adapters/cloudflare/failure.ts';
import { createDeployment } from '../../adapters/cloudflare/workers.ts';
import {
  describeShares,
  hasShares,
  type VersionShare,
  type WorkerDeployment,
} from '../../core/cloudflare/live-state.ts';
import { LaunchError } from '../../core/errors.ts';
import { deploymentFrom, readDeployments } from './read-past.ts';

export interface TrafficWanted {
  readonly worker: string;
  readonly shares: readonly VersionShare[];
  readonly message: string;
  /** What had the traffic when this was decided. */
  readonly after: WorkerDeployment;
}

/** Cloudflare asks whether the secrets that a version had may come back with it. They belong to it, so they may. */
const secretsHaveChanged = 10_220;

/** After an answer that was lost, in milliseconds. */
const pausesMs = [300, 1000, 3000];

/**
 * Gives versions their shares of a worker's traffic. An answer that is lost is not taken for a failure: then it is
 * read what has the traffic, and only where nothing has changed it is tried again.
 *
 * @throws LaunchError DEPLOY_FAILED when somebody else has changed it meanwhile, and what the API refuses
 */
export async function setTraffic(client: CloudflareClient, wanted: TrafficWanted): Promise<WorkerDeployment> {
  const { worker, shares, message } = wanted;
  assertUntouched(wanted, await latest(client, worker));
  let force = false;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return deploymentFrom(await createDeployment(client, worker, shares, { message, force }));
    } catch (error) {
      if (cloudflareCodeOf(error) === secretsHaveChanged && !force) {
        force = true;
        continue;
      }
      if (!isAmbiguous(error)) throw error;
      const now = await latest(client, worker);
      if (now?.message === message && hasShares(now, shares)) return now;
      assertUntouched(wanted, now);
      const pause = pausesMs[attempt];
      if (pause === undefined) throw error;
      await sleep(pause);
    }
  }
}

async function latest(client: CloudflareClient, worker: string): Promise<WorkerDeployment | undefined> {
  return (await readDeployments(client, worker))?.[0];
}

function assertUntouched({ worker, after }: TrafficWanted, now: WorkerDeployment | undefined): void {
  // A list that is a moment behind shows what was before.
  if (now !== undefined && Date.parse(now.createdOn) <= Date.parse(after.createdOn)) return;
  throw new Overtaken(worker, now);
}

/** Somebody else acts on the worker at the same time. What is theirs is left as it is. */
export class Overtaken extends LaunchError {
  constructor(worker: string, now: WorkerDeployment | undefined) {
    const who = now?.author === undefined ? 'Somebody else' : now.author;
    const what =
      now === undefined ? 'has deleted it' : `has given the traffic to ${describeShares(now.shares)}`;
    super('DEPLOY_FAILED', `${who} ${what} while "${worker}" was being deployed.`, {
      remedy:
        'That was left as it is. Let one run at a time deploy a worker (`concurrency:` of the job), then run it again.',
    });
  }
}
