import { readSubdomain } from '../../adapters/cloudflare/workers.ts';
import type { WorkerPast } from '../../core/cloudflare/live-state.ts';
import type { WorkerAddress } from '../../core/cloudflare/worker-address.ts';
import { mendSplit } from './mend-split.ts';
import type { PreparedWorker } from './prepare-worker.ts';
import { readParts, readPast } from './read-past.ts';
import type { WorkerWork } from './worker-work.ts';

/** A worker as it is before anything is done to it. */
export interface WorkerBefore {
  readonly past: WorkerPast;
  /** What has all of the traffic: what there is to go back to. */
  readonly live: string;
  readonly address: WorkerAddress;
  /** Of the last Durable Object migration of the live version; asked only where the configuration has any. */
  readonly migrationTag: string | undefined;
}

/** Undefined for a worker that was never deployed. */
export async function lookBefore(
  work: WorkerWork,
  { name, settings }: Pick<PreparedWorker, 'name' | 'settings'>,
  force: boolean,
): Promise<WorkerBefore | undefined> {
  const [found, address] = await Promise.all([readPast(work.client, name), readAddress(work, name)]);
  if (found === undefined) return undefined;
  const { past, live } = await mendSplit(work, name, found, force);
  const parts = settings.migrations.length === 0 ? undefined : await readParts(work.client, name, live);
  return { past, live, address, migrationTag: parts?.migrationTag };
}

export async function readAddress(work: WorkerWork, name: string): Promise<WorkerAddress> {
  const found = await readSubdomain(work.client, name);
  return {
    enabled: found?.enabled === true,
    url: found?.url,
    previewsEnabled: found?.previewsEnabled === true,
  };
}
