// Instances in this process, against a fake account: for tests that look at every request.
import { afterAll, afterEach, beforeEach, expect } from '@jest/globals';
import type { InstanceResult } from '../../src/core/instances/instance-result.ts';
import { deployInstance } from '../../src/operations/instance/deploy-instance.ts';
import {
  destroyInstance,
  type InstanceDestroyRequest,
} from '../../src/operations/instance/destroy-instance.ts';
import { readInstance } from '../../src/operations/instance/find-instance.ts';
import { instanceStatus } from '../../src/operations/instance/instance-status.ts';
import type { Reporter } from '../../src/operations/reporter.ts';
import { silentReporter } from '../../src/operations/reporter.ts';
import { deployWorker } from '../../src/operations/worker/deploy-worker.ts';
import { type FakeCloudflare, startFakeCloudflare } from './cloudflare-api/server.ts';
import { type Repository, removeRepositories } from './repository.ts';

export interface InstanceSuite {
  /** A new account for each test; what it refused as malformed fails the test. */
  readonly fake: FakeCloudflare;
  /** Another empty account, in the middle of a test. */
  another(): Promise<FakeCloudflare>;
  deploy(repository: Repository, id?: string, options?: DeployOptions): Promise<InstanceResult>;
  destroy(
    repository: Repository,
    options?: Partial<Pick<InstanceDestroyRequest, 'id' | 'confirm' | 'purge' | 'dryRun'>>,
  ): Promise<InstanceResult>;
  status(repository: Repository, id?: string): Promise<InstanceResult>;
  /** What a run has asked for beside reading. */
  changes(since?: number): readonly string[];
}

export interface DeployOptions {
  readonly secrets?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly dryRun?: boolean;
  readonly reporter?: Reporter;
}

export function instanceSuite(): InstanceSuite {
  let fake: FakeCloudflare;
  beforeEach(async () => {
    fake = await startFakeCloudflare();
  });
  afterEach(async () => {
    expect(fake.refused).toEqual([]);
    await fake.close();
  });
  afterAll(removeRepositories);
  const context = ({ path }: Repository) => ({
    cwd: path,
    account: { apiToken: fake.token, accountId: fake.accountId, apiUrl: fake.url },
    timeoutMs: 60_000,
    hostEnv: { PATH: process.env['PATH'], HOME: path },
  });
  return {
    get fake() {
      return fake;
    },
    async another() {
      expect(fake.refused).toEqual([]);
      await fake.close();
      fake = await startFakeCloudflare();
      return fake;
    },
    deploy: async (repository, id = 'acme', options = {}) =>
      await deployInstance(
        {
          ...context(repository),
          instance: readInstance(repository.path, id),
          secrets: new Map(Object.entries(options.secrets ?? { IDEOGRAM_API_KEY: 'sk-1' })),
          dryRun: options.dryRun ?? false,
          signal: options.signal,
        },
        options.reporter ?? silentReporter,
        deployWorker,
      ),
    destroy: async (repository, options = {}) =>
      await destroyInstance(
        {
          ...context(repository),
          id: 'acme',
          database: undefined,
          confirm: undefined,
          purge: false,
          dryRun: false,
          ...options,
        },
        silentReporter,
      ),
    status: async (repository, id = 'acme') =>
      await instanceStatus({ ...context(repository), instance: readInstance(repository.path, id) }),
    changes: (since = 0) =>
      fake.requests.slice(since).flatMap(({ method, path, text }) => {
        const isReading = method === 'GET' || (path.endsWith('/query') && /^\{"sql":"SELECT/.test(text));
        return isReading ? [] : [`${method} ${path.replace(/^\/accounts\/\w+/, '')}`];
      }),
  };
}

/** What has been made, updated and so on, by kind. */
export function told(result: InstanceResult): string[] {
  return result.resources.map(({ kind, name, state }) => `${kind} ${name} ${state}`);
}
