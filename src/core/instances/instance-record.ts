import * as z from 'zod/mini';
import { LaunchError } from '../errors.ts';
import { canonical } from '../resolved-settings.ts';
import type { Instance } from './instance.ts';

/** A row of the table `instances`. */
export interface InstanceRecord {
  readonly id: string;
  readonly organisation: string;
  readonly name: string;
  readonly config: RecordedConfig;
}

/** Its column `config`; keys that Launch does not know are kept. */
export interface RecordedConfig {
  readonly environment?: string | undefined;
  /** Names of secrets. */
  readonly api_keys?: readonly string[] | undefined;
  readonly rate_limits?: unknown;
  readonly r2_bucket?: string | null | undefined;
  /** By service. */
  readonly worker_urls: Readonly<Record<string, string>>;
  /** What belongs to the instance in the account. */
  readonly launch: Holdings;
}

export interface Holdings {
  /** By service, the name of its worker's copy. */
  readonly workers: Readonly<Record<string, string>>;
  /** By title; `made`: by Launch for this instance, so that a purge may delete it. */
  readonly namespaces: Readonly<Record<string, Holding>>;
  readonly buckets: Readonly<Record<string, Holding>>;
}

export interface Holding {
  readonly made: boolean;
}

const text = z.string();
const holding = z.object({ made: z._default(z.boolean(), false) });
const holdings = z.object({
  workers: z._default(z.record(text, text), {}),
  namespaces: z._default(z.record(text, holding), {}),
  buckets: z._default(z.record(text, holding), {}),
});
const nothing: Holdings = { workers: {}, namespaces: {}, buckets: {} };
const recordedConfig = z.looseObject({
  environment: z.optional(text),
  api_keys: z.optional(z.array(text)),
  rate_limits: z.optional(z.unknown()),
  r2_bucket: z.nullish(text),
  worker_urls: z._default(z.record(text, text), {}),
  launch: z._default(holdings, nothing),
});
const row = z.object({ instance_id: text, org_id: text, name: z.nullish(text), config: z.nullish(text) });

/** @throws LaunchError CONFIG_INVALID for a row that Launch has not written and can't take for its own */
export function readRecord(value: unknown): InstanceRecord {
  const read = row.safeParse(value);
  if (!read.success) throw unreadable('A row of the table `instances`', read.error);
  const { instance_id: id, org_id: organisation, name, config } = read.data;
  const parsed = recordedConfig.safeParse(parseJson(config ?? '{}'));
  if (!parsed.success) throw unreadable(`The column \`config\` of the instance "${id}"`, parsed.error);
  return { id, organisation, name: name ?? '', config: parsed.data };
}

/** Of what is there already, the next record keeps the addresses, and everything that was ever held. */
export function plannedRecord(
  instance: Instance,
  held: Holdings,
  before: InstanceRecord | undefined,
): InstanceRecord {
  const { worker_urls: urls = {}, launch = nothing, ...others } = before?.config ?? {};
  return {
    id: instance.id,
    organisation: instance.organisation,
    name: instance.name,
    config: {
      ...others,
      environment: instance.environment,
      api_keys: [...new Set(instance.apiKeys.values())].sort(),
      rate_limits: instance.rateLimits,
      r2_bucket: Object.keys(held.buckets)[0] ?? null,
      worker_urls: urls,
      launch: {
        workers: { ...launch.workers, ...held.workers },
        namespaces: { ...launch.namespaces, ...held.namespaces },
        buckets: { ...launch.buckets, ...held.buckets },
      },
    },
  };
}

export function withUrls(record: InstanceRecord, urls: Readonly<Record<string, string>>): InstanceRecord {
  return { ...record, config: { ...record.config, worker_urls: urls } };
}

/** What is left of it when its workers are gone and its data is kept. */
export function withoutWorkers(record: InstanceRecord): InstanceRecord {
  const { launch } = record.config;
  return { ...record, config: { ...record.config, worker_urls: {}, launch: { ...launch, workers: {} } } };
}

export function isSameRecord(one: InstanceRecord, other: InstanceRecord | undefined): boolean {
  return other !== undefined && canonical(one) === canonical(other);
}

/** As it stands in the column, with the keys in a fixed order. */
export function configText({ config }: InstanceRecord): string {
  return canonical(config);
}

function parseJson(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return undefined;
  }
}

function unreadable(what: string, cause: unknown): LaunchError {
  return new LaunchError('CONFIG_INVALID', `${what} can't be read.`, {
    remedy: 'Mend it in the database: `config` holds a JSON object, as docs/deployment/README.md shows.',
    cause,
  });
}
