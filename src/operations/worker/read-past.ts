import type { CloudflareClient } from '../../adapters/cloudflare/api.ts';
import {
  type WorkerDeployment as ListedDeployment,
  type WorkerVersion as ListedVersion,
  listDeployments,
  listVersions,
  readVersion,
} from '../../adapters/cloudflare/workers.ts';
import type { WorkerDeployment, WorkerPast, WorkerVersion } from '../../core/cloudflare/live-state.ts';
import { leadsTo, type VersionParts } from '../../core/cloudflare/way-back.ts';

/** Undefined when there is no such worker, or nothing of it was ever deployed. */
export async function readPast(client: CloudflareClient, worker: string): Promise<WorkerPast | undefined> {
  const [deployments, versions] = await Promise.all([
    readDeployments(client, worker),
    listVersions(client, worker),
  ]);
  if (deployments === undefined || deployments.length === 0 || versions === undefined) return undefined;
  return { deployments, versions: versions.map(versionFrom) };
}

/** Newest first: the first one has the traffic. Undefined when there is no such worker. */
export async function readDeployments(
  client: CloudflareClient,
  worker: string,
): Promise<readonly WorkerDeployment[] | undefined> {
  return (await listDeployments(client, worker))?.map(deploymentFrom);
}

export async function readVersions(
  client: CloudflareClient,
  worker: string,
): Promise<readonly WorkerVersion[]> {
  return ((await listVersions(client, worker)) ?? []).map(versionFrom);
}

/** What a version is made of, as far as a way back to it depends on that. */
export async function readParts(client: CloudflareClient, worker: string, id: string): Promise<VersionParts> {
  const { bindings, migrationTag } = await readVersion(client, worker, id);
  return {
    id,
    migrationTag,
    bindings: bindings.map(({ type, name, fields }) => ({
      type,
      name,
      leadsTo: leadsTo({ type, ...fields }),
    })),
  };
}

export function deploymentFrom({
  id,
  createdOn,
  author,
  annotations,
  versions,
}: ListedDeployment): WorkerDeployment {
  return { id, createdOn, author, message: annotations['workers/message'], shares: versions };
}

function versionFrom({ id, number, createdOn, author, annotations }: ListedVersion): WorkerVersion {
  return {
    id,
    number,
    createdOn,
    author,
    tag: annotations['workers/tag'],
    message: annotations['workers/message'],
    triggeredBy: annotations['workers/triggered_by'],
  };
}
