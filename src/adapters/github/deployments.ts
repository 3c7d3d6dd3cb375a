import * as z from 'zod/mini';
import {
  type DeploymentRecord,
  environmentOf,
  type RecordPlace,
  type RecordStatus,
} from '../../core/deploy/deployment-record.ts';
import type { GitHubClient } from './client.ts';
import { readAnswer } from './read-answer.ts';

/** GitHub's records of deployments; needs `deployments: write`. */
export interface DeploymentRecords {
  /** The record's id. */
  create(record: DeploymentRecord, signal: AbortSignal): Promise<number>;
  setStatus(
    id: number,
    status: RecordStatus & { readonly logUrl?: string | undefined; readonly url?: string | undefined },
    signal: AbortSignal,
  ): Promise<void>;
  /** The record of a release whose id was never heard. */
  find(record: DeploymentRecord, signal: AbortSignal): Promise<number | undefined>;
  /** The newest one in the same environment, of Launch and of another release. */
  before(record: DeploymentRecord, signal: AbortSignal): Promise<KnownRecord | undefined>;
  /** Those of Launch in an environment, newest first; asked for one by one, since a look at each is a request. */
  recent(place: RecordPlace, signal: AbortSignal): AsyncIterable<KnownRecord>;
}

/** A record that is there already. */
export interface KnownRecord {
  readonly id: number;
  readonly release: string;
  /** Undefined for one that has no status yet. */
  readonly state: string | undefined;
  readonly logUrl: string | undefined;
}

const fault = 'that is no deployment';
const created = z.object({ id: z.number() });
const list = z.array(z.looseObject({ id: z.number(), payload: z.optional(z.unknown()) }));
const statuses = z.array(z.looseObject({ state: z.string(), log_url: z.nullish(z.string()) }));
const payload = z.looseObject({ release: z.string() });

/** Shapes: https://docs.github.com/rest/deployments */
export function deploymentRecords(client: GitHubClient, repository: string): DeploymentRecords {
  const path = `repos/${repository}/deployments`;
  /** Of Launch, newest first. */
  const listed = async (place: RecordPlace, count: number, signal: AbortSignal) => {
    const query = { environment: environmentOf(place), per_page: count };
    return readAnswer(list, await client.request('GET', path, { query, signal }), { fault }).flatMap((it) => {
      const release = releaseOf(it.payload);
      return release === undefined ? [] : [{ id: it.id, release }];
    });
  };
  const withState = async (
    found: { readonly id: number; readonly release: string },
    signal: AbortSignal,
  ): Promise<KnownRecord> => {
    const its = { query: { per_page: 1 }, signal };
    const [last] = readAnswer(statuses, await client.request('GET', `${path}/${found.id}/statuses`, its), {
      fault,
    });
    return { ...found, state: last?.state, logUrl: last?.log_url || undefined };
  };
  return {
    async create(record, signal) {
      const { task, service, target, release, commit } = record;
      const body = {
        ref: commit,
        task,
        environment: environmentOf(record),
        description:
          task === 'rollback' ? `Roll ${service} back on ${target}` : `Deploy ${service} to ${target}`,
        payload: { service, target, release },
        // It records what happens. Whether it may happen has been decided: nothing is to be merged or waited for.
        auto_merge: false,
        required_contexts: [],
        transient_environment: false,
      };
      return readAnswer(created, await client.request('POST', path, { body, signal }), { fault }).id;
    },
    async setStatus(id, { state, description, logUrl, url }, signal) {
      const body = {
        state,
        description,
        ...(logUrl === undefined ? {} : { log_url: logUrl }),
        ...(url === undefined || !/^https?:\/\//i.test(url) ? {} : { environment_url: url }),
        // Only what serves ends the record of what served before; a failure leaves that one live.
        auto_inactive: state === 'success',
      };
      await client.request('POST', `${path}/${id}/statuses`, { body, signal });
    },
    async find(record, signal) {
      const query = {
        environment: environmentOf(record),
        sha: record.commit,
        task: record.task,
        per_page: 30,
      };
      const found = readAnswer(list, await client.request('GET', path, { query, signal }), { fault });
      return found.find((it) => releaseOf(it.payload) === record.release)?.id;
    },
    async before(record, signal) {
      const found = (await listed(record, 5, signal)).find(({ release }) => release !== record.release);
      return found === undefined ? undefined : await withState(found, signal);
    },
    async *recent(place, signal) {
      // Failures come after what still serves: that is nearly always among the first.
      for (const found of await listed(place, 10, signal)) yield await withState(found, signal);
    },
  };
}

/** GitHub gives a payload back as it came, or as the text of its JSON. */
function releaseOf(value: unknown): string | undefined {
  const parsed = z.safeParse(payload, typeof value === 'string' ? jsonOf(value) : value);
  return parsed.success ? parsed.data.release : undefined;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
