import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cloudflareClient } from '../../../src/adapters/cloudflare/api.ts';
import { ensureDatabase } from '../../../src/adapters/cloudflare/d1.ts';
import { type InstanceTable, instanceTable } from '../../../src/operations/instance/instance-table.ts';
import { type FakeCloudflare, startFakeCloudflare } from '../../support/cloudflare-api/server.ts';

// The schema refuses most of these. The table does not rely on it: what reaches it is stored as it is.
const hostile = [
  "x'); DROP TABLE instances; --",
  '"; DELETE FROM instances; --',
  "' OR '1'='1",
  "'; UPDATE instances SET org_id = 'me'; --",
  '\\',
  '?1',
  ':id',
  '%',
  '_',
  '../../etc/passwd',
  '${{ secrets.X }}',
  '::set-output name=x::y',
  '\u202e\u0000x',
  '\u{1f600}',
  '{"json": true}',
  ' ',
  '',
];
let fake: FakeCloudflare;
let table: InstanceTable;
beforeAll(async () => {
  fake = await startFakeCloudflare();
  const client = cloudflareClient({ token: fake.token, accountId: fake.accountId, apiUrl: fake.url });
  table = instanceTable(client, (await ensureDatabase(client, 'multiagent_system')).resource.id);
  await table.make();
});
afterAll(async () => {
  expect(fake.refused).toEqual([]);
  await fake.close();
});

const record = (id: string, name: string) => ({
  id,
  organisation: name,
  name,
  config: {
    api_keys: [name],
    worker_urls: { [name]: name },
    launch: { workers: {}, namespaces: {}, buckets: {} },
  },
});

describe('1,000 hostile ids and names', () => {
  it('are stored as they are, found again, and nothing is dropped', async () => {
    const word = (at: number) => `${hostile[at % hostile.length]}${at}${hostile[(at * 7) % hostile.length]}`;
    const ids = Array.from({ length: 1000 }, (_, at) => word(at));
    const left = ids.entries();
    const work = async () => {
      for (const [at, id] of left) await table.write(record(id, word(at + 1)));
    };
    await Promise.all(Array.from({ length: 8 }, work));
    const rows = await table.readAll();
    expect(rows).toHaveLength(1000);
    expect(new Map(rows.map((row) => [row.id, row]))).toEqual(
      new Map(ids.map((id, at) => [id, record(id, word(at + 1))])),
    );
    for (const id of ids.slice(0, hostile.length)) {
      expect((await table.read(id))?.id).toBe(id);
      await table.remove(id);
      expect(await table.read(id)).toBeUndefined();
    }
    expect(await table.readAll()).toHaveLength(1000 - hostile.length);
    const statements = fake.requests.flatMap(({ text }) =>
      [...text.matchAll(/"sql":"(.*?)"/g)].map(([, sql]) => sql),
    );
    expect(new Set(statements).size).toBeLessThan(10);
  });

  it('are one row each, however often they are written', async () => {
    for (const id of hostile) {
      await table.write(record(id, 'one'));
      await table.write(record(id, 'two'));
      expect((await table.read(id))?.name).toBe('two');
    }
  });
});
