import { describe, expect, it } from '@jest/globals';
import {
  instanceRepository,
  instanceText,
  stateOf,
  threeWorkers,
  workerText,
} from '../../support/instance-project.ts';
import { instanceSuite, told } from '../../support/instance-suite.ts';

const suite = instanceSuite();
const acme = (settings: Readonly<Record<string, unknown>> = {}) => ({
  'instances/acme.json': instanceText({
    api_keys: ['IDEOGRAM_API_KEY'],
    r2_bucket: 'acme-images',
    ...settings,
  }),
});
const rowOf = (id = 'acme') => {
  const [database] = suite.fake.d1.databases.values();
  const row = database?.sqlite.prepare('SELECT * FROM instances WHERE instance_id = ?').get(id);
  return row === undefined ? undefined : { ...row, config: JSON.parse(String(row['config'])) };
};
const bindingsOf = (worker: string) => suite.fake.workers.get(worker)?.versions.at(-1)?.bindings;

describe('an instance', () => {
  it('is made from nothing, and the second run changes nothing', async () => {
    const repository = instanceRepository({ ...threeWorkers, ...acme() });
    const first = await suite.deploy(repository);
    expect(first.failure).toBeUndefined();
    expect(first.status).toBe('deployed');
    expect(told(first)).toEqual([
      'database multiagent_system made',
      'migration 0001_organisations.sql made',
      'migration 0002_names.sql made',
      'namespace config-acme-cache made',
      'bucket acme-images made',
      'worker config-acme made',
      'worker limiter-acme made',
      'worker images-acme made',
      'row acme made',
    ]);
    const urls = Object.fromEntries(
      ['config', 'images', 'limiter'].map((name) => [name, suite.fake.workerUrl(`${name}-acme`)]),
    );
    expect(first.urls).toEqual(urls);
    expect(rowOf()).toEqual({
      instance_id: 'acme',
      org_id: 'acme-corp',
      name: 'ACME',
      config: {
        environment: 'production',
        api_keys: ['IDEOGRAM_API_KEY'],
        rate_limits: { rpm: 60, tpm: 100_000 },
        r2_bucket: 'acme-images',
        worker_urls: urls,
        launch: {
          workers: { config: 'config-acme', images: 'images-acme', limiter: 'limiter-acme' },
          namespaces: { 'config-acme-cache': { made: true } },
          buckets: { 'acme-images': { made: true } },
        },
      },
    });
    expect(bindingsOf('images-acme')).toEqual(
      expect.arrayContaining([
        { type: 'r2_bucket', name: 'IMAGES', bucket_name: 'acme-images' },
        { type: 'service', name: 'LIMITER', service: 'limiter-acme' },
        { type: 'secret_text', name: 'IDEOGRAM_API_KEY', text: 'sk-1' },
        { type: 'plain_text', name: 'INSTANCE_ID', text: 'acme' },
        { type: 'plain_text', name: 'RATE_LIMITS', text: '{"rpm":60,"tpm":100000}' },
      ]),
    );
    const before = stateOf(suite.fake);
    const asked = suite.fake.requests.length;
    const second = await suite.deploy(repository);
    expect(second.status).toBe('unchanged');
    expect(second.resources.every(({ state }) => state === 'unchanged')).toBe(true);
    expect(second.urls).toEqual(urls);
    expect(suite.changes(asked)).toEqual([]);
    expect(stateOf(suite.fake)).toEqual(before);
    expect((await suite.status(repository)).status).toBe('ready');
  });

  it('follows its file: row and workers, with as little as that takes', async () => {
    const repository = instanceRepository({ ...threeWorkers, ...acme() });
    await suite.deploy(repository);
    repository.write(acme({ rate_limits: { rpm: 5 }, name: 'ACME Ltd' }));
    const asked = suite.fake.requests.length;
    const changed = await suite.deploy(repository);
    expect(told(changed)).toEqual(
      expect.arrayContaining([
        'row acme updated',
        'worker images-acme updated',
        'bucket acme-images unchanged',
      ]),
    );
    expect(rowOf()).toMatchObject({ name: 'ACME Ltd', config: { rate_limits: { rpm: 5 } } });
    expect(bindingsOf('limiter-acme')).toContainEqual({
      type: 'plain_text',
      name: 'RATE_LIMITS',
      text: '{"rpm":5}',
    });
    expect(suite.changes(asked).filter((change) => /buckets|namespaces$/.test(change))).toEqual([]);

    repository.commit({ 'services/config/index.js': workerText('config two') });
    expect(told(await suite.deploy(repository)).filter((line) => line.endsWith('updated'))).toEqual([
      'worker config-acme updated',
    ]);
    const rotated = await suite.deploy(repository, 'acme', { secrets: { IDEOGRAM_API_KEY: 'sk-2' } });
    expect(told(rotated).filter((line) => line.endsWith('updated'))).toEqual(['worker images-acme updated']);
    expect(bindingsOf('images-acme')).toContainEqual({
      type: 'secret_text',
      name: 'IDEOGRAM_API_KEY',
      text: 'sk-2',
    });
  });

  it('gives a worker the secret that the instance has for it, and no other', async () => {
    const repository = instanceRepository({
      ...threeWorkers,
      ...acme({ api_keys: { IDEOGRAM_API_KEY: 'ACME_KEY' } }),
    });
    await expect(suite.deploy(repository)).rejects.toMatchObject({
      code: 'SECRET_MISSING',
      message: expect.stringContaining('ACME_KEY'),
    });
    expect(suite.changes()).toEqual([]);
    const secrets = { ACME_KEY: 'of-acme', IDEOGRAM_API_KEY: 'of-nobody', OTHER: 'x' };
    await suite.deploy(repository, 'acme', { secrets });
    const given = [...suite.fake.workers.values()].flatMap(({ versions }) =>
      versions.flatMap(({ bindings }) => bindings.filter(({ type }) => type === 'secret_text')),
    );
    expect(given).toEqual([{ type: 'secret_text', name: 'IDEOGRAM_API_KEY', text: 'of-acme' }]);
    expect(rowOf()?.config).toMatchObject({ api_keys: ['ACME_KEY'] });
  });

  it('keeps a worker whose new version fails, and what is bound to it; the others go on', async () => {
    const repository = instanceRepository({ ...threeWorkers, ...acme() });
    await suite.deploy(repository);
    const live = suite.fake.workers.get('images-acme')?.deployments[0]?.versions;
    repository.commit({
      'services/images/index.js': workerText('broken', 500),
      'services/config/index.js': workerText('config two'),
    });
    const failed = await suite.deploy(repository);
    expect(failed).toMatchObject({ status: 'failed', failure: { code: 'DEPLOY_FAILED' } });
    expect(told(failed)).toEqual(
      expect.arrayContaining([
        'worker images-acme failed',
        'worker config-acme updated',
        'row acme unchanged',
      ]),
    );
    expect(suite.fake.workers.get('images-acme')?.deployments[0]?.versions).toEqual(
      live?.map(({ version_id }) => ({ version_id, percentage: 100 })),
    );
    expect(Object.keys(failed.urls).sort()).toEqual(['config', 'images', 'limiter']);
  });

  it('leaves a worker out that needs one that failed', async () => {
    const repository = instanceRepository({ ...threeWorkers, ...acme() });
    suite.fake.fail('PUT /accounts/*/workers/scripts/limiter-acme', 9, {
      status: 400,
      body: { success: false, errors: [{ code: 10021, message: 'Uncaught SyntaxError' }] },
    });
    const failed = await suite.deploy(repository);
    expect(failed.status).toBe('failed');
    expect(told(failed)).toEqual(
      expect.arrayContaining([
        'worker limiter-acme failed',
        'worker images-acme failed',
        'worker config-acme made',
      ]),
    );
    expect([...suite.fake.workers.keys()]).toEqual(['config-acme']);
    expect(failed.resources.find(({ name }) => name === 'images-acme')?.note).toBe('needs limiter-acme');
    expect((await suite.status(repository)).status).toBe('incomplete');
  });

  it('is rehearsed without a change', async () => {
    const repository = instanceRepository({ ...threeWorkers, ...acme() });
    const planned = await suite.deploy(repository, 'acme', { dryRun: true });
    expect(planned.status).toBe('planned');
    expect(told(planned)).toEqual([
      'database multiagent_system to make',
      'migration 0001_organisations.sql to make',
      'migration 0002_names.sql to make',
      'namespace config-acme-cache to make',
      'bucket acme-images to make',
      'row acme to make',
      'worker config-acme to make',
      'worker limiter-acme to make',
      'worker images-acme to make',
    ]);
    expect(suite.changes()).toEqual([]);
    expect((await suite.status(repository)).status).toBe('absent');
  });

  it('has its row in the database of its environment, where destroying finds it', async () => {
    const database = (name: string) => ({ d1_databases: [{ binding: 'DB', database_name: name }] });
    const repository = instanceRepository({
      ...threeWorkers,
      'services/config/wrangler.jsonc': JSON.stringify({
        name: 'config',
        main: 'index.js',
        env: { production: database('multiagent_system'), staging: database('multiagent_system_staging') },
      }),
      'instances/acme.json': instanceText({ environment: 'staging', r2_bucket: 'acme-images' }),
      'instances/other.json': instanceText({
        instance_id: 'other',
        org_id: 'other-corp',
        r2_bucket: 'acme-images',
      }),
    });
    expect((await suite.deploy(repository)).failure).toBeUndefined();
    // Another environment is no way to what it has stored.
    await expect(suite.deploy(repository, 'other')).rejects.toThrow(/belongs to the instance "acme"/);
    expect([...suite.fake.d1.databases.values()].map(({ name }) => name)).toEqual([
      'multiagent_system_staging',
    ]);
    expect(rowOf()).toMatchObject({ instance_id: 'acme' });
    repository.write({ 'instances/acme.json': null });
    expect(told(await suite.destroy(repository, { confirm: 'acme', purge: true }))).toContain(
      'row acme deleted',
    );
    expect(rowOf()).toBeUndefined();
  });

  it('is made from the environment of its name, and from what lies in the checkout', async () => {
    const settings = {
      name: 'images',
      main: 'index.js',
      compatibility_date: '2026-11-01',
      env: { staging: { r2_buckets: [{ binding: 'IMAGES', bucket_name: 'staging-images' }] } },
    };
    const repository = instanceRepository({
      ...threeWorkers,
      'services/images/wrangler.jsonc': JSON.stringify(settings),
      'instances/acme.json': instanceText({ environment: 'staging', workers: ['images'] }),
    });
    const first = await suite.deploy(repository);
    expect(first.failure).toBeUndefined();
    expect([...suite.fake.r2.buckets.keys()]).toEqual(['staging-images-acme']);
    expect([...suite.fake.workers.keys()]).toEqual(['images-acme']);
    repository.write({ 'services/images/index.js': workerText('not committed') });
    expect((await suite.deploy(repository)).status).toBe('deployed');
    expect((await suite.deploy(repository)).status).toBe('unchanged');
  });
});

describe('what belongs to somebody else', () => {
  it('is no worker of the instance', async () => {
    const repository = instanceRepository({ ...threeWorkers, ...acme() });
    await suite.deploy(repository);
    const other = await suite
      .deploy(
        instanceRepository({
          ...threeWorkers,
          'services/images-acme/wrangler.jsonc': '{ "name": "images", "main": "index.js" }',
          'instances/acme.json': instanceText({ org_id: 'other-corp' }),
        }),
      )
      .catch((error: unknown) => error);
    expect(other).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/"acme-corp", not to "other-corp"|would be called/),
    });
    const made = suite.fake.workers.get('config-acme');
    made?.versions.splice(0, 1, ...made.versions.map((version) => ({ ...version, bindings: [] })));
    await expect(suite.deploy(repository)).rejects.toThrow(
      /worker "config-acme" already, which belongs to no copy/,
    );
  });

  it('is no bucket of the instance', async () => {
    const repository = instanceRepository({
      ...threeWorkers,
      ...acme(),
      'instances/other.json': instanceText({
        instance_id: 'other',
        org_id: 'other-corp',
        r2_bucket: 'acme-images',
      }),
      'instances/more.json': instanceText({ instance_id: 'more', r2_bucket: 'acme-images' }),
    });
    await suite.deploy(repository);
    await expect(suite.deploy(repository, 'other')).rejects.toThrow(
      /bucket "acme-images" belongs to the instance "acme" of another organisation/,
    );
    expect((await suite.deploy(repository, 'more')).status).toBe('deployed');
    // What it has stored stays its own when it stores elsewhere from now on.
    repository.write({
      'instances/acme.json': instanceText({ r2_bucket: 'acme-new' }),
      'instances/more.json': instanceText({ instance_id: 'more', r2_bucket: 'acme-new' }),
    });
    for (const id of ['acme', 'more']) expect((await suite.deploy(repository, id)).status).toBe('deployed');
    await expect(suite.deploy(repository, 'other')).rejects.toThrow(/belongs to the instance/);
  });

  it('keeps its rows, tables and databases as they are', async () => {
    const { sqlite } = await existingDatabase();
    sqlite.exec('CREATE TABLE instances (instance_id TEXT, org_id TEXT, name TEXT, config TEXT, extra TEXT)');
    sqlite.exec(`INSERT INTO instances VALUES ('acme', 'acme-corp', 'old', '{"mine": true}', 'kept')`);
    sqlite.exec(`INSERT INTO instances VALUES ('other', 'other-corp', 'other', '{}', NULL)`);
    const repository = instanceRepository({ ...threeWorkers, ...acme() });
    expect((await suite.deploy(repository)).failure).toBeUndefined();
    expect(rowOf()).toMatchObject({ name: 'ACME', extra: 'kept', config: { mine: true } });
    expect(rowOf('other')).toMatchObject({ name: 'other', config: {} });
  });

  async function existingDatabase() {
    const { DatabaseSync } = await import('node:sqlite');
    const sqlite = new DatabaseSync(':memory:');
    const uuid = '00000000-0000-4000-8000-000000000001';
    suite.fake.d1.databases.set(uuid, { uuid, name: 'multiagent_system', createdAt: '', sqlite });
    return { sqlite };
  }
});
