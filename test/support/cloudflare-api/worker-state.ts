// Workers as Cloudflare keeps them: versions that never change, and deployments that give them their share of
// the traffic. Everything a route does to a worker goes through here.
import { createHash, randomUUID } from 'node:crypto';
import type { Account } from './accounts.ts';
import { Refused } from './envelope.ts';

export interface Binding {
  readonly type: string;
  readonly name: string;
  readonly [field: string]: unknown;
}

export interface Version {
  readonly id: string;
  readonly number: number;
  readonly createdOn: string;
  readonly annotations: Readonly<Record<string, string>>;
  /** With the values of its secrets, which the API never shows. */
  readonly bindings: readonly Binding[];
  readonly mainModule: string;
  readonly modules: ReadonlyMap<string, string>;
  readonly compatibilityDate: string | undefined;
  readonly compatibilityFlags: readonly string[];
  readonly etag: string;
  /** Of the last Durable Object migration that this version knows of. */
  readonly migrationTag: string | undefined;
}

export interface Share {
  readonly version_id: string;
  readonly percentage: number;
}

export interface Deployment {
  readonly id: string;
  readonly createdOn: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly versions: readonly Share[];
}

export interface Worker {
  readonly name: string;
  readonly tag: string;
  readonly createdOn: string;
  /** The oldest first. */
  readonly versions: Version[];
  /** The newest first, as the API lists them. */
  readonly deployments: Deployment[];
  subdomain: { enabled: boolean; previews_enabled: boolean };
  settings: Readonly<Record<string, unknown>>;
  schedules: readonly unknown[];
}

export interface WorkersState {
  readonly account: Account;
  readonly workers: Map<string, Worker>;
  /** Milliseconds; each thing that is made is a little younger than the one before. */
  clock: number;
}

export function workersState(account: Account): WorkersState {
  return { account, workers: new Map(), clock: Date.now() };
}

export type Upload = Omit<Version, 'id' | 'number' | 'createdOn' | 'etag'>;

export function now(state: WorkersState): string {
  state.clock = Math.max(state.clock + 1, Date.now());
  return new Date(state.clock).toISOString();
}

export function findWorker(state: WorkersState, name: string): Worker {
  const worker = state.workers.get(name);
  if (worker !== undefined) return worker;
  throw new Refused(404, 10007, 'This Worker does not exist on your account.');
}

export function makeWorker(state: WorkersState, name: string): Worker {
  if (!/^[a-z0-9_][a-z0-9_-]{0,62}$/.test(name)) {
    throw new Refused(400, 10016, `invalid script name: ${name}`);
  }
  const worker: Worker = {
    name,
    tag: randomUUID().replaceAll('-', ''),
    createdOn: now(state),
    versions: [],
    deployments: [],
    subdomain: { enabled: false, previews_enabled: false },
    settings: { logpush: false, tail_consumers: null, tags: [] },
    schedules: [],
  };
  state.workers.set(name, worker);
  return worker;
}

export function addVersion(state: WorkersState, worker: Worker, upload: Upload): Version {
  const hash = createHash('sha256');
  for (const [name, text] of upload.modules) hash.update(`${name}\0${text}\0`);
  const version: Version = {
    ...upload,
    id: randomUUID(),
    number: worker.versions.length + 1,
    createdOn: now(state),
    etag: hash.digest('hex'),
  };
  worker.versions.push(version);
  return version;
}

export function findVersion(worker: Worker, id: string): Version {
  const version = worker.versions.find((one) => one.id === id);
  if (version !== undefined) return version;
  throw new Refused(404, 10043, 'The requested version could not be found.');
}

/** The versions that may be deployed: the newest hundred. */
export function deployable(worker: Worker): readonly Version[] {
  return worker.versions.slice(-100);
}

export function liveShares(worker: Worker): readonly Share[] {
  return worker.deployments[0]?.versions ?? [];
}

/** The newest of the versions that are deployed now. */
export function newestLive(worker: Worker): Version | undefined {
  const live = new Set(liveShares(worker).map(({ version_id }) => version_id));
  return worker.versions.findLast(({ id }) => live.has(id));
}

/**
 * Gives versions their traffic.
 *
 * Refuses what Cloudflare refuses: shares that are no whole, versions out of reach, a way back over a Durable
 * Object migration (code unverified) or to secrets that have changed since, unless it is forced.
 */
export function deploy(
  state: WorkersState,
  worker: Worker,
  shares: readonly Share[],
  annotations: Readonly<Record<string, string>>,
  force: boolean,
): Deployment {
  const sum = shares.reduce((total, { percentage }) => total + percentage, 0);
  const inRange = shares.every(({ percentage }) => percentage >= 0 && percentage <= 100);
  if (shares.length < 1 || shares.length > 2 || !inRange || Math.abs(sum - 100) > 0.001) {
    throw new Refused(400, 10217, 'A deployment has one or two versions whose percentages add up to 100.');
  }
  const versions = shares.map(({ version_id }) => findVersion(worker, version_id));
  const reachable = deployable(worker);
  for (const version of versions) {
    if (!reachable.includes(version)) {
      throw new Refused(400, 10216, `Version ${version.id} is too old: only the latest 100 can be deployed.`);
    }
  }
  refuseWayBack(worker, versions, force);
  const deployment: Deployment = { id: randomUUID(), createdOn: now(state), annotations, versions: shares };
  worker.deployments.unshift(deployment);
  return deployment;
}

function refuseWayBack(worker: Worker, versions: readonly Version[], force: boolean): void {
  const live = newestLive(worker);
  if (live === undefined || versions.some(({ number }) => number >= live.number)) return;
  for (const version of versions) {
    if (version.migrationTag !== live.migrationTag) {
      throw new Refused(
        400,
        10210,
        'This version cannot be deployed: a Durable Object migration has been applied since.',
      );
    }
  }
  const changed = versions.flatMap((version) => changedSecrets(version, live));
  if (changed.length > 0 && !force) {
    throw new Refused(
      400,
      10220,
      `The following secrets have changed since this version was deployed: ${[...new Set(changed)].join(', ')}.`,
    );
  }
}

function changedSecrets(from: Version, to: Version): string[] {
  const [before, after] = [secretsOf(from), secretsOf(to)];
  return [...new Set([...before.keys(), ...after.keys()])].filter(
    (name) => before.get(name) !== after.get(name),
  );
}

export function secretsOf(version: Version): ReadonlyMap<string, string> {
  return new Map(
    version.bindings
      .filter(({ type }) => type === 'secret_text')
      .map(({ name, text }) => [name, String(text)] as const),
  );
}
