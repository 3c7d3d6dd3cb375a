import * as z from 'zod/mini';
import type { VersionShare } from '../../core/cloudflare/live-state.ts';
import { type CloudflareClient, unreadable } from './api.ts';
import { pathPart } from './api-path.ts';
import { cloudflareCodeOf } from './failure.ts';

export interface WorkerDeployment {
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly createdOn: string;
  readonly author: string | undefined;
  /** Such as `workers/message`, `workers/triggered_by`. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly versions: readonly VersionShare[];
}

export interface WorkerBinding {
  readonly type: string;
  readonly name: string;
  /** What it is bound to, by the type's own fields; never the value of a secret. */
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface WorkerVersion {
  readonly id: string;
  /** Counts up from 1. */
  readonly number: number;
  readonly createdOn: string;
  readonly author: string | undefined;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface WorkerVersionDetails extends WorkerVersion {
  readonly bindings: readonly WorkerBinding[];
  /** Of the last Durable Object migration it knows of. */
  readonly migrationTag: string | undefined;
}

/** Where a worker answers below workers.dev. */
export interface WorkerSubdomain {
  readonly enabled: boolean;
  readonly previewsEnabled: boolean;
  readonly url: string | undefined;
  /** Follows the first 8 characters of a version's id in its preview's host name. */
  readonly previewSuffix: string | undefined;
}

const annotations = z._default(z.nullish(z.record(z.string(), z.string())), {});
const deployment = z.object({
  id: z.string(),
  created_on: z.string(),
  author_email: z.nullish(z.string()),
  annotations,
  versions: z.array(z.object({ version_id: z.string(), percentage: z.number() })),
});
const version = z.object({
  id: z.string(),
  number: z.number(),
  metadata: z.object({
    created_on: z.string(),
    author_email: z.nullish(z.string()),
  }),
  annotations,
});
const binding = z.looseObject({ type: z.string(), name: z.string() });
const bindings = z._default(z.array(binding), []);
const versionDetails = z.extend(version, {
  resources: z.object({
    bindings,
    script_runtime: z.optional(z.object({ migration_tag: z.nullish(z.string()) })),
  }),
});
const named = z.object({ id: z.string() });
const placed = z.object({
  subdomain: z.object({
    enabled: z.nullish(z.boolean()),
    previews_enabled: z.nullish(z.boolean()),
    url: z.nullish(z.string()),
    preview_url_suffix: z.nullish(z.string()),
  }),
});
const secretList = z.array(z.object({ name: z.string() }));

/** Whether an error says that the account has no worker of that name. */
export function isWorkerMissing(error: unknown): boolean {
  const code = cloudflareCodeOf(error);
  return code === 10_007 || code === 10_090;
}

/** The names of all workers of the account. */
export async function listWorkers(client: CloudflareClient): Promise<readonly string[]> {
  const path = `${client.account}/workers/scripts`;
  return parse(z.array(named), await client.request('GET', path), path).map(({ id }) => id);
}

/** The latest first: it has the traffic. Undefined when there is no such worker. */
export async function listDeployments(
  client: CloudflareClient,
  worker: string,
): Promise<readonly WorkerDeployment[] | undefined> {
  const path = `${script(client, worker)}/deployments`;
  const result = await unlessMissing(client.request('GET', path));
  if (result === undefined) return undefined;
  return parse(z.object({ deployments: z.array(deployment) }), result, path).deployments.map(toDeployment);
}

/**
 * Gives versions their shares of the traffic, which add up to 100. It is sent once: whether it came to pass after
 * an answer that was lost, `listDeployments` tells.
 */
export async function createDeployment(
  client: CloudflareClient,
  worker: string,
  shares: readonly VersionShare[],
  options: { readonly message?: string; readonly force?: boolean } = {},
): Promise<WorkerDeployment> {
  const path = `${script(client, worker)}/deployments`;
  const result = await client.request('POST', path, {
    ...(options.force === true ? { query: { force: true } } : {}),
    body: {
      strategy: 'percentage',
      versions: shares.map(({ versionId, percentage }) => ({ version_id: versionId, percentage })),
      ...(options.message === undefined ? {} : { annotations: { 'workers/message': options.message } }),
    },
  });
  return toDeployment(parse(deployment, result, path));
}

/** The newest first, at most the hundred that can be deployed. Undefined when there is no such worker. */
export async function listVersions(
  client: CloudflareClient,
  worker: string,
): Promise<readonly WorkerVersion[] | undefined> {
  const path = `${script(client, worker)}/versions`;
  const result = await unlessMissing(client.request('GET', path, { query: { deployable: true } }));
  if (result === undefined) return undefined;
  return parse(z.object({ items: z.array(version) }), result, path).items.map(toVersion);
}

export async function readVersion(
  client: CloudflareClient,
  worker: string,
  id: string,
): Promise<WorkerVersionDetails> {
  const path = `${script(client, worker)}/versions/${pathPart(id)}`;
  const read = parse(versionDetails, await client.request('GET', path), path);
  return {
    ...toVersion(read),
    bindings: read.resources.bindings.map(toBinding),
    migrationTag: read.resources.script_runtime?.migration_tag ?? undefined,
  };
}

/** Undefined when there is no such worker. */
export async function readSubdomain(
  client: CloudflareClient,
  worker: string,
): Promise<WorkerSubdomain | undefined> {
  const path = `${client.account}/workers/workers/${pathPart(worker)}`;
  const result = await unlessMissing(client.request('GET', path));
  if (result === undefined) return undefined;
  const { subdomain } = parse(placed, result, path);
  return {
    enabled: subdomain.enabled ?? false,
    previewsEnabled: subdomain.previews_enabled ?? false,
    url: subdomain.url ?? undefined,
    previewSuffix: subdomain.preview_url_suffix ?? undefined,
  };
}

/** What the live version of a worker is bound to. Undefined when there is no such worker. */
export async function readBindings(
  client: CloudflareClient,
  worker: string,
): Promise<readonly WorkerBinding[] | undefined> {
  const path = `${script(client, worker)}/settings`;
  const result = await unlessMissing(client.request('GET', path));
  if (result === undefined) return undefined;
  return parse(z.object({ bindings }), result, path).bindings.map(toBinding);
}

/** The names of a worker's secrets; Cloudflare never gives their values. Undefined when there is no such worker. */
export async function listSecretNames(
  client: CloudflareClient,
  worker: string,
): Promise<readonly string[] | undefined> {
  const path = `${script(client, worker)}/secrets`;
  const result = await unlessMissing(client.request('GET', path));
  return result === undefined ? undefined : parse(secretList, result, path).map(({ name }) => name);
}

/**
 * Deletes a worker with its versions, secrets and Durable Objects.
 *
 * @param force also when other workers are bound to it
 * @returns false when it was gone already
 */
export async function deleteWorker(
  client: CloudflareClient,
  worker: string,
  force: boolean,
): Promise<boolean> {
  const path = `${client.account}/workers/services/${pathPart(worker)}`;
  try {
    await client.request('DELETE', path, force ? { query: { force: true } } : {});
    return true;
  } catch (error) {
    if (isWorkerMissing(error)) return false;
    throw error;
  }
}

function script(client: CloudflareClient, worker: string): string {
  return `${client.account}/workers/scripts/${pathPart(worker)}`;
}

async function unlessMissing(request: Promise<unknown>): Promise<unknown> {
  try {
    return await request;
  } catch (error) {
    if (isWorkerMissing(error)) return undefined;
    throw error;
  }
}

function parse<Schema extends z.ZodMiniType>(schema: Schema, value: unknown, path: string): z.infer<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw unreadable(path, parsed.error);
}

function toBinding({ type, name, ...fields }: z.infer<typeof binding>): WorkerBinding {
  return { type, name, fields };
}

function toDeployment(read: z.infer<typeof deployment>): WorkerDeployment {
  return {
    id: read.id,
    createdOn: read.created_on,
    author: read.author_email ?? undefined,
    annotations: read.annotations ?? {},
    versions: read.versions.map(({ version_id, percentage }) => ({ versionId: version_id, percentage })),
  };
}

function toVersion(read: z.infer<typeof version>): WorkerVersion {
  return {
    id: read.id,
    number: read.number,
    createdOn: read.metadata.created_on,
    author: read.metadata.author_email ?? undefined,
    annotations: read.annotations ?? {},
  };
}
