// The workers of services/ together on workerd, with real D1, KV, R2 and Durable Objects, for the tests.
import { fork } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { offline } from './offline.ts';

type WorkerName = 'config-service' | 'rate-limiter' | 'image-gen';

export interface WorkersOptions {
  readonly vars?: Readonly<Partial<Record<WorkerName, Readonly<Record<string, string | number>>>>>;
  readonly secrets?: Readonly<Partial<Record<WorkerName, Readonly<Record<string, string>>>>>;
  /** A file of this folder in place of the worker's own entry. */
  readonly entries?: Readonly<Partial<Record<WorkerName, string>>>;
}

export interface RunningWorkers {
  /** Of the gateway; the worker's name is the first part of the path. */
  readonly url: string;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** Calls a method of an entrypoint that only bound workers reach. */
  call(entrypoint: 'CONFIGURATIONS' | 'LIMITER', method: string, ...args: unknown[]): Promise<unknown>;
  migrate(): Promise<void>;
  sql(statement: string, ...values: unknown[]): Promise<Record<string, unknown>[]>;
  cacheNames(): Promise<string[]>;
  cachePut(name: string, text: string): Promise<void>;
  imageNames(): Promise<string[]>;
  bucketIds(): Promise<string[]>;
  /** As when the machine is taken away: what is in memory is gone, the storage stays. */
  evictBucket(name: string): Promise<void>;
  bucketRows(name: string, statement: string): Promise<unknown>;
  logs(): Promise<unknown[]>;
  stop(): Promise<void>;
}

export const adminKey = 'the-key-of-the-operator';
export const testKey = 'the-key-that-tries-deployments-out';

/** Starts them all; the database has its tables. */
export async function startWorkers(options: WorkersOptions = {}): Promise<RunningWorkers> {
  const secrets = {
    'config-service': { ADMIN_API_KEY: adminKey, TEST_API_KEY: testKey },
    ...options.secrets,
  };
  // In memory where that can be had: what is tried out is the workers, not how fast a disk writes.
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'launch-workers-'));
  const child = fork(join(import.meta.dirname, 'host.ts'), [JSON.stringify({ ...options, secrets })], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], TMPDIR: folder, ...offline },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: [],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => (said += String(text)));
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.once('exit', (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`the workers ended with ${code}:\n${said}`));
  });
  child.on('message', ({ id, value, error }: { id: number; value?: unknown; error?: string }) => {
    const waiter = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) waiter?.resolve(value);
    else waiter?.reject(new Error(error));
  });
  let last = 0;
  const answerTo = (id: number): Promise<unknown> =>
    new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
  const ask = async (name: string, ...args: unknown[]): Promise<never> => {
    last += 1;
    const answer = answerTo(last);
    child.send({ id: last, name, args });
    return (await answer) as never;
  };
  const url = String(await answerTo(0)).replace(/\/$/, '');
  await ask('migrate');
  const send = (path: string, init?: RequestInit) => fetch(`${url}/${path}`, init);
  return {
    url,
    fetch: send,
    async call(entrypoint, method, ...args) {
      const answer = await send(`rpc/${entrypoint}/${method}`, {
        method: 'POST',
        body: JSON.stringify(args),
      });
      const body = (await answer.json()) as { value?: unknown; error?: string };
      if (body.error !== undefined) throw new Error(body.error);
      return body.value;
    },
    migrate: () => ask('migrate'),
    sql: (statement, ...values) => ask('sql', statement, ...values),
    cacheNames: () => ask('cacheNames'),
    cachePut: (name, text) => ask('cachePut', name, text),
    imageNames: () => ask('imageNames'),
    bucketIds: () => ask('bucketIds'),
    evictBucket: (name) => ask('evictBucket', name),
    bucketRows: (name, statement) => ask('bucketRows', name, statement),
    logs: () => ask('logs'),
    async stop() {
      child.disconnect();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A new organisation with a key of its own. */
export async function newOrganisation(
  workers: RunningWorkers,
  id: string,
  settings: Readonly<Record<string, unknown>> = {},
  scopes?: readonly string[],
): Promise<string> {
  const headers = { authorization: `Bearer ${adminKey}` };
  const path = `config-service/v1/organisations/${id}`;
  const body = JSON.stringify({ name: id, ...settings });
  const made = await workers.fetch(path, { method: 'PUT', headers, body });
  if (made.status !== 200) throw new Error(`${id}: ${made.status} ${await made.text()}`);
  const issued = await workers.fetch(`${path}/api-keys`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ name: 'test', ...(scopes === undefined ? {} : { scopes }) }),
  });
  const { key } = (await issued.json()) as { key: string };
  return key;
}

export function bearer(key: string): { authorization: string } {
  return { authorization: `Bearer ${key}` };
}
