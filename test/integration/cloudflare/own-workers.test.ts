// The workers of this repository, deployed as they stand by the real wrangler.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cloudflareClient } from '../../../src/adapters/cloudflare/api.ts';
import { ensureDatabase, query } from '../../../src/adapters/cloudflare/d1.ts';
import { ensureNamespace } from '../../../src/adapters/cloudflare/kv.ts';
import { ensureBucket } from '../../../src/adapters/cloudflare/r2.ts';
import type { WorkerOutcome } from '../../../src/core/cloudflare/worker-set.ts';
import { deployInstance } from '../../../src/operations/instance/deploy-instance.ts';
import { readInstance } from '../../../src/operations/instance/find-instance.ts';
import { silentReporter } from '../../../src/operations/reporter.ts';
import { deployWorker } from '../../../src/operations/worker/deploy-worker.ts';
import { deployWorkers } from '../../../src/operations/worker/deploy-workers.ts';
import { type FakeCloudflare, startFakeCloudflare } from '../../support/cloudflare-api/server.ts';
import { createRepository, type Repository, removeRepositories } from '../../support/repository.ts';
import { ROOT } from '../../support/source-tree.ts';

const workers = ['config-service', 'rate-limiter', 'image-gen'];
let cloudflare: FakeCloudflare;
let repository: Repository;
beforeAll(async () => {
  cloudflare = await startFakeCloudflare();
  cloudflare.handle(() => ({ status: 200, body: '{"status":"ok"}' }));
  repository = createRepository();
  const tracked = execFileSync(
    'git',
    ['ls-files', '-z', 'services', 'launch.yml', 'tsconfig.json', 'package-lock.json'],
    {
      cwd: ROOT,
      encoding: 'utf8',
    },
  );
  for (const file of tracked.split('\0').filter((name) => name !== '')) {
    mkdirSync(dirname(join(repository.path, file)), { recursive: true });
    copyFileSync(join(ROOT, file), join(repository.path, file));
  }
  repository.write({ '.gitignore': 'node_modules\n' });
  repository.commit();
  symlinkSync(join(ROOT, 'node_modules'), join(repository.path, 'node_modules'));
});
afterAll(async () => {
  await cloudflare.close();
  removeRepositories();
});

const client = () =>
  cloudflareClient({ token: cloudflare.token, accountId: cloudflare.accountId, apiUrl: cloudflare.url });

async function deploy(environment?: string): Promise<readonly WorkerOutcome[]> {
  return await deployWorkers(
    {
      cwd: repository.path,
      services: workers,
      atomic: false,
      environment,
      secrets: new Map([
        ['CLOUDFLARE_API_TOKEN', cloudflare.token],
        ['CLOUDFLARE_ACCOUNT_ID', cloudflare.accountId],
        ['TEST_API_KEY', 'a-test-key-0123456789'],
        ['IDEOGRAM_API_KEY', 'an-ideogram-key-0123456789'],
      ]),
      vars: new Map(),
      gradual: [],
      timeoutMs: 120_000,
      force: false,
      dryRun: false,
      hostEnv: { ...process.env, ...cloudflare.env },
    },
    silentReporter,
  );
}

const brief = (outcomes: readonly WorkerOutcome[]) =>
  outcomes.map((outcome) => {
    if (outcome.kind === 'held-back') return `${outcome.service}: held back by ${outcome.because}`;
    if (outcome.kind === 'refused') return `${outcome.service}: ${outcome.error.message}`;
    return `${outcome.service}: ${outcome.result.status} ${outcome.result.worker}`;
  });

describe('the workers of this repository', () => {
  it('are not deployed to an account that lacks what they are bound to, and nothing is made there', async () => {
    const [first, ...others] = brief(await deploy('production'));
    expect(first).toMatch(
      /^config-service: The account has no D1 database "multiagent_system" \(DB\), no KV namespace "config-service-production-config-cache" \(CONFIG_CACHE\)\. \(services\/config-service\/wrangler\.jsonc:\d+:\d+\)/,
    );
    expect(first).toContain('wrangler d1 create multiagent_system; wrangler kv namespace create');
    expect(others).toEqual([
      'rate-limiter: held back by config-service',
      'image-gen: held back by config-service',
    ]);
    expect(cloudflare.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
  });

  it('are deployed in order, bound to what the account has, their database migrated', async () => {
    const [database, namespace] = await Promise.all([
      ensureDatabase(client(), 'multiagent_system'),
      ensureNamespace(client(), 'config-service-production-config-cache'),
      ensureBucket(client(), 'generated-images-production'),
    ]);
    expect(brief(await deploy())).toEqual([
      'config-service: deployed config-service-production',
      'rate-limiter: deployed rate-limiter-production',
      'image-gen: deployed image-gen-production',
    ]);
    expect(cloudflare.refused).toEqual([]);
    const bindings = (worker: string) => {
      const version = cloudflare.workers.get(worker)?.versions.at(-1);
      return Object.fromEntries((version?.bindings ?? []).map(({ name, ...rest }) => [name, rest]));
    };
    expect(bindings('config-service-production')).toMatchObject({
      DB: { type: 'd1', id: database.resource.id },
      CONFIG_CACHE: { type: 'kv_namespace', namespace_id: namespace.resource.id },
      TEST_API_KEY: { type: 'secret_text' },
    });
    expect(bindings('rate-limiter-production')).toMatchObject({
      BUCKETS: { type: 'durable_object_namespace', class_name: 'Bucket' },
      CONFIG_SERVICE: { type: 'service', service: 'config-service-production', entrypoint: 'Configurations' },
    });
    expect(bindings('image-gen-production')).toMatchObject({
      IMAGES: { type: 'r2_bucket', bucket_name: 'generated-images-production' },
      RATE_LIMITER: { type: 'service', service: 'rate-limiter-production', entrypoint: 'Limiter' },
      IDEOGRAM_API_KEY: { type: 'secret_text' },
    });
    const [tables] = await query(
      client(),
      database.resource.id,
      [{ sql: "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name" }],
      true,
    );
    expect(tables?.rows.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['api_keys', 'configurations', 'instances', 'organisations']),
    );
  });

  it('are left alone when nothing has changed', async () => {
    const before = cloudflare.requests.length;
    expect(brief(await deploy())).toEqual([
      'config-service: unchanged config-service-production',
      'rate-limiter: unchanged rate-limiter-production',
      'image-gen: unchanged image-gen-production',
    ]);
    expect(cloudflare.requests.slice(before).filter(({ method }) => method !== 'GET')).toEqual([]);
  });
});

describe('an instance of them', () => {
  const instance = async (rateLimits: object) => {
    const settings = {
      instance_id: 'acme',
      org_id: 'acme-corp',
      environment: 'staging',
      rate_limits: rateLimits,
    };
    repository.write({ 'instances/acme.json': JSON.stringify(settings) });
    return await deployInstance(
      {
        cwd: repository.path,
        account: { apiToken: cloudflare.token, accountId: cloudflare.accountId, apiUrl: cloudflare.url },
        instance: readInstance(repository.path, 'acme'),
        secrets: new Map([
          ['TEST_API_KEY', 'a-test-key-0123456789'],
          ['IDEOGRAM_API_KEY', 'an-ideogram-key-0123456789'],
        ]),
        timeoutMs: 120_000,
        dryRun: false,
        hostEnv: { ...process.env, ...cloudflare.env },
      },
      silentReporter,
      deployWorker,
    );
  };

  it('needs nothing made by hand, and its limits are those of its file', async () => {
    const made = await instance({ rpm: 7 });
    expect([made.status, made.failure?.message]).toEqual(['deployed', undefined]);
    expect(Object.keys(made.urls)).toEqual(workers);
    const bindings = cloudflare.workers.get('image-gen-acme')?.versions[0]?.bindings;
    expect(bindings).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: 'IMAGES', bucket_name: 'generated-images-staging-acme' }),
        expect.objectContaining({
          name: 'RATE_LIMITER',
          service: 'rate-limiter-acme',
          entrypoint: 'Limiter',
        }),
        expect.objectContaining({ name: 'CONFIG_SERVICE', service: 'config-service-acme' }),
      ]),
    );
    expect((await instance({ rpm: 7 })).status).toBe('unchanged');
    expect((await instance({ rpm: 8 })).status).toBe('deployed');
    expect(cloudflare.workers.get('config-service-acme')?.versions.at(-1)?.bindings).toContainEqual({
      type: 'plain_text',
      name: 'RATE_LIMITS',
      text: '{"rpm":8}',
    });
    expect(cloudflare.refused).toEqual([]);
  });
});
