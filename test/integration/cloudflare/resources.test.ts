import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type CloudflareClient, cloudflareClient } from '../../../src/adapters/cloudflare/api.ts';
import { deleteDatabase, ensureDatabase, findDatabase, query } from '../../../src/adapters/cloudflare/d1.ts';
import { deleteNamespace, ensureNamespace } from '../../../src/adapters/cloudflare/kv.ts';
import { deleteBucket, ensureBucket, findBucket } from '../../../src/adapters/cloudflare/r2.ts';
import type { Fault } from '../../support/cloudflare-api/faults.ts';
import { type FakeCloudflare, startFakeCloudflare } from '../../support/cloudflare-api/server.ts';

let fake: FakeCloudflare;
let client: CloudflareClient;
beforeEach(async () => {
  fake = await startFakeCloudflare();
  client = cloudflareClient({
    token: fake.token,
    accountId: fake.accountId,
    apiUrl: fake.url,
    timeout: 200,
    firstWait: 5,
  });
});
afterEach(async () => {
  expect(fake.refused).toEqual([]);
  await fake.close();
});

const kinds = [
  {
    kind: 'a bucket',
    route: 'POST /accounts/*/r2/buckets',
    make: () => ensureBucket(client, 'octo-acme'),
    count: () => fake.r2.buckets.size,
  },
  {
    kind: 'a namespace',
    route: 'POST /accounts/*/storage/kv/namespaces',
    make: () => ensureNamespace(client, 'octo-acme'),
    count: () => fake.kv.namespaces.size,
  },
  {
    kind: 'a database',
    route: 'POST /accounts/*/d1/database',
    make: () => ensureDatabase(client, 'octo-acme'),
    count: () => fake.d1.databases.size,
  },
];
const lost: readonly (readonly [string, Fault])[] = [
  ['a 503 before it was made', { status: 503 }],
  ['a 503 after it was made', { status: 503, afterwards: true }],
  ['a connection cut before', { cut: true }],
  ['a connection cut after', { cut: true, afterwards: true }],
  ['no answer after it was made', { hang: true, afterwards: true }],
];

describe.each(kinds)('$kind', ({ route, make, count }) => {
  it('is made once, and found the next time', async () => {
    expect(await make()).toMatchObject({ made: true });
    const asked = fake.requests.length;
    expect(await make()).toMatchObject({ made: false });
    expect(fake.requests.slice(asked).every(({ method }) => method === 'GET')).toBe(true);
    expect(count()).toBe(1);
  });

  it.each(lost)('is there once after %s', async (_, fault) => {
    fake.fail(route, 1, fault);
    expect(await make()).toMatchObject({ made: true });
    expect(count()).toBe(1);
  });

  it('is there once when many make it at a time', async () => {
    const made = await Promise.all(Array.from({ length: 8 }, () => make()));
    expect(new Set(made.map(({ resource }) => JSON.stringify(resource))).size).toBe(1);
    expect(count()).toBe(1);
  });

  it('is not made by a token that may not', async () => {
    fake.fail(route, 9, { status: 403, body: { success: false, errors: [{ code: 10000, message: 'no' }] } });
    await expect(make()).rejects.toMatchObject({ code: 'API_AUTH' });
    expect(count()).toBe(0);
  });
});

describe('a bucket', () => {
  it('is deleted with what is in it', async () => {
    await ensureBucket(client, 'full');
    for (let at = 0; at < 1005; at += 1) fake.r2.buckets.get('full')?.objects.set(`a/b ${at}?#`, 'x');
    expect(await deleteBucket(client, 'full')).toBe(1005);
    expect(await findBucket(client, 'full')).toBeUndefined();
    expect(await deleteBucket(client, 'full')).toBeUndefined();
  });

  it('with an object that no address can hold stays, and says why', async () => {
    await ensureBucket(client, 'full');
    fake.r2.buckets.get('full')?.objects.set('a/../../other', 'x');
    await expect(deleteBucket(client, 'full')).rejects.toThrow(/can't be addressed.*S3/);
    expect(fake.r2.buckets.size).toBe(1);
  });
});

describe('a namespace', () => {
  it('that is gone already is no failure', async () => {
    const { resource } = await ensureNamespace(client, 'x');
    expect(await deleteNamespace(client, resource.id)).toBe(true);
    expect(await deleteNamespace(client, resource.id)).toBe(false);
  });
});

describe('a database', () => {
  it('is not taken for one whose name only contains its own', async () => {
    await ensureDatabase(client, 'multi-more');
    expect(await findDatabase(client, 'multi')).toBeUndefined();
  });

  it('takes parameters literally', async () => {
    const { resource } = await ensureDatabase(client, 'multi');
    const hostile = `x'); DROP TABLE t; --`;
    await query(client, resource.id, [{ sql: 'CREATE TABLE t (a TEXT)' }], false);
    const [inserted, found] = await query(
      client,
      resource.id,
      [
        { sql: 'INSERT INTO t VALUES (?)', params: [hostile] },
        { sql: 'SELECT a FROM t WHERE a = ?', params: [hostile] },
      ],
      false,
    );
    expect(inserted?.changes).toBe(1);
    expect(found?.rows).toEqual([{ a: hostile }]);
  });

  it('runs a batch wholly or not at all', async () => {
    const { resource } = await ensureDatabase(client, 'multi');
    await query(client, resource.id, [{ sql: 'CREATE TABLE t (a TEXT)' }], false);
    const batch = [{ sql: 'INSERT INTO t VALUES (1)' }, { sql: 'INSERT INTO missing VALUES (1)' }];
    await expect(query(client, resource.id, batch, false)).rejects.toThrow(/no such table: missing/);
    const [left] = await query(client, resource.id, [{ sql: 'SELECT * FROM t' }], true);
    expect(left?.rows).toEqual([]);
    await deleteDatabase(client, resource.id);
    expect(await deleteDatabase(client, resource.id)).toBe(false);
  });
});
