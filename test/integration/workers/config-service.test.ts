import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  adminKey,
  bearer,
  newOrganisation,
  type RunningWorkers,
  startWorkers,
  testKey,
} from '../../support/workers/start-workers.ts';

let workers: RunningWorkers;
beforeAll(async () => {
  workers = await startWorkers();
});
afterAll(() => workers.stop());

const at = (organisation: string, rest = 'configuration') =>
  `config-service/v1/organisations/${organisation}/${rest}`;

async function write(
  key: string,
  organisation: string,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const body = typeof value === 'string' ? value : JSON.stringify(value);
  return await workers.fetch(at(organisation), {
    method: 'PUT',
    headers: { ...bearer(key), ...headers },
    body,
  });
}

async function read(key: string, organisation: string): Promise<Response> {
  return await workers.fetch(at(organisation), { headers: bearer(key) });
}

/** The status and the code of a refusal. */
async function refused(answer: Response | Promise<Response>): Promise<[number, string]> {
  const given = await answer;
  const body = (await given.json()) as { error: { code: string } };
  return [given.status, body.error.code];
}

const hostile = [
  `x'); DROP TABLE instances; --`,
  '"; DROP TABLE configurations; --',
  "' OR '1'='1",
  '?1 :name @name $name',
  '\u0000\u001b[31m\u2028',
  '../../etc/passwd',
  '::set-output name=x::y',
  '${jndi:ldap://x} {{7*7}} <script>',
  '💥'.repeat(50),
];

describe('config-service', () => {
  it('tells whether its database and its cache answer', async () => {
    const answer = await workers.fetch('config-service/health');
    expect([answer.status, await answer.json()]).toEqual([
      200,
      { status: 'ok', checks: { database: 'ok', cache: 'ok' } },
    ]);
  });

  it('keeps, shows, replaces and deletes a configuration', async () => {
    const key = await newOrganisation(workers, 'crud');
    expect(await refused(read(key, 'crud'))).toEqual([404, 'configuration_not_found']);
    const first = await write(key, 'crud', { displayName: 'One', settings: { a: 1, b: null, c: true } });
    expect(first.status).toBe(200);
    const shown = await read(key, 'crud');
    expect(await shown.json()).toEqual({ displayName: 'One', settings: { a: 1, b: null, c: true } });
    expect(shown.headers.get('etag')).toBe(first.headers.get('etag'));
    await write(key, 'crud', { images: { renderingSpeed: 'TURBO' } });
    expect(await (await read(key, 'crud')).json()).toEqual({ images: { renderingSpeed: 'TURBO' } });
    expect(await workers.call('CONFIGURATIONS', 'configuration', 'crud')).toEqual({
      images: { renderingSpeed: 'TURBO' },
    });
    const removed = await workers.fetch(at('crud'), { method: 'DELETE', headers: bearer(key) });
    expect(removed.status).toBe(204);
    expect(await refused(read(key, 'crud'))).toEqual([404, 'configuration_not_found']);
    expect(await workers.call('CONFIGURATIONS', 'configuration', 'crud')).toEqual({});
    expect(await refused(workers.fetch(at('crud'), { method: 'DELETE', headers: bearer(key) }))).toEqual([
      404,
      'configuration_not_found',
    ]);
  });

  it('lets one of many writers win who have all seen the same', async () => {
    const key = await newOrganisation(workers, 'race');
    const ifAbsent = { 'if-none-match': '*' };
    const created = await Promise.all(
      Array.from({ length: 8 }, (_, n) => write(key, 'race', { settings: { n } }, ifAbsent)),
    );
    expect(created.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(412)]);
    const etag = created.find(({ status }) => status === 200)?.headers.get('etag') ?? '';
    const changed = await Promise.all(
      Array.from({ length: 8 }, (_, n) => write(key, 'race', { settings: { n } }, { 'if-match': etag })),
    );
    const winner = changed.findIndex(({ status }) => status === 200);
    expect(changed.filter(({ status }) => status === 412)).toHaveLength(7);
    expect(await (await read(key, 'race')).json()).toEqual({ settings: { n: winner } });
    expect(
      await refused(
        workers.fetch(at('race'), { method: 'DELETE', headers: { ...bearer(key), 'if-match': etag } }),
      ),
    ).toEqual([412, 'changed_meanwhile']);
    expect(await refused(write(key, 'race', {}, { 'if-match': '*' }))).toEqual([400, 'invalid_request']);
  });

  it.each(hostile)('stores %j literally, as text and as a key', async (text) => {
    const key = await newOrganisation(workers, 'literal');
    const value = { displayName: text.slice(0, 200), settings: { [text.slice(0, 64)]: text } };
    expect((await write(key, 'literal', value)).status).toBe(200);
    expect(await (await read(key, 'literal')).json()).toEqual(value);
    const [row] = await workers.sql('SELECT value FROM configurations WHERE org_id = ?', 'literal');
    expect(JSON.parse(String(row?.['value']))).toEqual(value);
    expect(await workers.sql('SELECT count(*) AS n FROM instances')).toEqual([{ n: 0 }]);
  });

  it.each([...hostile, '', 'a'.repeat(65), '-a', 'a b', '__proto__ ', '%00'])(
    'refuses %j for an organisation',
    async (id) => {
      const before = await workers.sql('SELECT count(*) AS n FROM organisations');
      for (const method of ['PUT', 'GET', 'DELETE']) {
        const answer = await workers.fetch(`config-service/v1/organisations/${encodeURIComponent(id)}`, {
          method,
          headers: bearer(adminKey),
          ...(method === 'PUT' ? { body: '{"name":"x"}' } : {}),
        });
        // Of an empty name the address is another one.
        expect(id === '' ? [400, 404] : [400]).toContain(answer.status);
      }
      expect(await workers.sql('SELECT count(*) AS n FROM organisations')).toEqual(before);
      await expect(workers.call('CONFIGURATIONS', 'configuration', id)).rejects.toThrow();
    },
  );

  it('refuses bodies that are none', async () => {
    const key = await newOrganisation(workers, 'bodies');
    const withKey = (body: string | Uint8Array<ArrayBuffer>) =>
      refused(workers.fetch(at('bodies'), { method: 'PUT', headers: bearer(key), body }));
    expect(await withKey('{')).toEqual([400, 'not_json']);
    expect(await withKey(new Uint8Array([0x22, 0xff, 0x22]))).toEqual([400, 'not_json']);
    expect(await withKey('[]')).toEqual([400, 'invalid_request']);
    expect(await withKey('{"rateLimits":{"requestsPerMinute":1,"tokensPerMinute":1}}')).toEqual([
      400,
      'invalid_request',
    ]);
    expect(await withKey('{"settings":{"a":{"b":1}}}')).toEqual([400, 'invalid_request']);
    expect(await withKey('['.repeat(60_000))).toEqual([400, 'not_json']);
    expect(await withKey(`{"settings":${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}}`)).toEqual([
      400,
      'invalid_request',
    ]);
    expect(await withKey(`"${'x'.repeat(70_000)}"`)).toEqual([413, 'body_too_large']);
    expect((await read(key, 'bodies')).status).toBe(404);
  });
});

describe('a key of config-service', () => {
  it('opens one organisation, for what it is for, until it is revoked', async () => {
    const key = await newOrganisation(workers, 'mine');
    await newOrganisation(workers, 'theirs');
    await write(adminKey, 'theirs', { displayName: 'secret' });
    expect(await refused(read(key, 'theirs'))).toEqual([403, 'forbidden']);
    expect(await refused(read(key, 'nobodys'))).toEqual([403, 'forbidden']);
    expect(await refused(write(key, 'theirs', {}))).toEqual([403, 'forbidden']);
    const reader = await newOrganisation(workers, 'mine', {}, ['configuration:read']);
    await write(key, 'mine', {});
    expect((await read(reader, 'mine')).status).toBe(200);
    expect(await refused(write(reader, 'mine', {}))).toEqual([403, 'forbidden']);

    const list = at('mine', 'api-keys');
    expect(await refused(workers.fetch(list, { headers: bearer(key) }))).toEqual([403, 'forbidden']);
    const listed = await (await workers.fetch(list, { headers: bearer(adminKey) })).text();
    expect(listed).not.toContain(key);
    expect(JSON.parse(listed).keys).toHaveLength(2);
    const id = key.split('_')[1];
    const revoke = () => workers.fetch(`${list}/${id}`, { method: 'DELETE', headers: bearer(adminKey) });
    expect((await revoke()).status).toBe(204);
    expect(await refused(read(key, 'mine'))).toEqual([401, 'unauthenticated']);
    expect(await workers.call('CONFIGURATIONS', 'authenticate', key)).toBeNull();
    expect(await refused(revoke())).toEqual([404, 'key_not_found']);
    expect((await read(reader, 'mine')).status).toBe(200);
  });

  it('is not to be guessed, and is nowhere to be read', async () => {
    const key = await newOrganisation(workers, 'guess');
    const changed = `${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`;
    const otherId = key.replace(/_[0-9a-f]{16}_/, '_0000000000000000_');
    for (const wrong of [
      '',
      'x',
      changed,
      otherId,
      `${key}A`,
      key.toUpperCase(),
      `${key}'--`,
      adminKey.slice(1),
    ]) {
      expect(await refused(read(wrong, 'guess'))).toEqual([401, 'unauthenticated']);
    }
    expect(await refused(workers.fetch(at('guess')))).toEqual([401, 'unauthenticated']);
    const stored = JSON.stringify([
      await workers.sql('SELECT hex(key_hash) AS hash, * FROM api_keys'),
      await workers.cacheNames(),
      await workers.logs(),
    ]);
    expect(stored).toContain('guess');
    expect(stored).not.toContain(key.slice(-43));
  });

  it('ends when it is to end', async () => {
    await newOrganisation(workers, 'ends');
    const issue = async (expiresAt: string) => {
      const answer = await workers.fetch(at('ends', 'api-keys'), {
        method: 'POST',
        headers: bearer(adminKey),
        body: JSON.stringify({ name: 'soon', expiresAt }),
      });
      return ((await answer.json()) as { key: string }).key;
    };
    const future = new Date(Date.now() + 3_600_000).toISOString();
    expect(await workers.call('CONFIGURATIONS', 'authenticate', await issue(future))).toMatchObject({
      organisation: 'ends',
      scopes: ['configuration:read', 'configuration:write', 'images', 'limits'],
    });
    const past = await issue('2020-01-01T00:00:00Z');
    expect(await workers.call('CONFIGURATIONS', 'authenticate', past)).toBeNull();
  });

  it('of a deleted organisation opens nothing, and its data are gone', async () => {
    const key = await newOrganisation(workers, 'gone');
    await write(key, 'gone', { displayName: 'x' });
    const remove = () =>
      workers.fetch('config-service/v1/organisations/gone', { method: 'DELETE', headers: bearer(adminKey) });
    expect((await remove()).status).toBe(204);
    expect(await refused(remove())).toEqual([404, 'organisation_not_found']);
    expect(await refused(read(key, 'gone'))).toEqual([401, 'unauthenticated']);
    for (const table of ['api_keys', 'configurations']) {
      expect(await workers.sql(`SELECT count(*) AS n FROM ${table} WHERE org_id = 'gone'`)).toEqual([
        { n: 0 },
      ]);
    }
    expect(await refused(write(adminKey, 'gone', {}))).toEqual([404, 'organisation_not_found']);
  });

  it('of the operator alone administers, and that of the tests has an organisation of its own', async () => {
    const key = await newOrganisation(workers, 'plain');
    for (const path of ['organisations', 'organisations/plain', 'organisations/plain/api-keys']) {
      for (const wrong of [key, testKey]) {
        expect(await refused(workers.fetch(`config-service/v1/${path}`, { headers: bearer(wrong) }))).toEqual(
          [403, 'forbidden'],
        );
      }
    }
    expect(await workers.call('CONFIGURATIONS', 'authenticate', testKey)).toMatchObject({
      organisation: 'e2e-test',
      imageProvider: 'test',
    });
    expect((await write(testKey, 'e2e-test', { displayName: 'test' })).status).toBe(200);
    expect(await refused(read(testKey, 'plain'))).toEqual([403, 'forbidden']);
    expect(await workers.call('CONFIGURATIONS', 'authenticate', adminKey)).toBeNull();
  });

  it('lists organisations page by page', async () => {
    const names = new Set<string>();
    for (let after = '', rounds = 0; rounds < 10; rounds += 1) {
      const answer = await workers.fetch(`config-service/v1/organisations?after=${after}`, {
        headers: bearer(adminKey),
      });
      const page = (await answer.json()) as { organisations: { id: string }[]; next: string | null };
      for (const { id } of page.organisations) names.add(id);
      if (page.next === null) break;
      after = page.next;
    }
    expect([...names]).toEqual(expect.arrayContaining(['crud', 'race', 'plain', 'e2e-test']));
  });
});

describe('the cache of config-service', () => {
  it('holds what was written, and a read after a write is right whatever it holds', async () => {
    const key = await newOrganisation(workers, 'stale');
    const revisions: string[] = [];
    for (const displayName of ['one', 'two', 'three']) {
      const answer = await write(key, 'stale', { displayName });
      revisions.push((answer.headers.get('etag') ?? '').replaceAll('"', ''));
      expect(await (await read(key, 'stale')).json()).toEqual({ displayName });
    }
    const copies = revisions.map((revision) => `configuration:stale:${revision}`);
    expect(await workers.cacheNames()).toEqual(expect.arrayContaining(copies));
    // A cache that is behind shows old revisions, or does not have the new one yet.
    await workers.cachePut(copies[0] ?? '', '{"displayName":"of long ago"}');
    expect(await (await read(key, 'stale')).json()).toEqual({ displayName: 'three' });
    await workers.sql(
      `UPDATE configurations SET revision = 'elsewhere', value = '{"displayName":"four"}' WHERE org_id = 'stale'`,
    );
    expect(await (await read(key, 'stale')).json()).toEqual({ displayName: 'four' });
    expect(await workers.cacheNames()).toContain('configuration:stale:elsewhere');
    // Read from the cache from now on: a change past this service, under the same revision, is not seen.
    await workers.sql(`UPDATE configurations SET value = '{"displayName":"five"}' WHERE org_id = 'stale'`);
    expect(await (await read(key, 'stale')).json()).toEqual({ displayName: 'four' });
    await workers.cachePut('configuration:stale:elsewhere', '{"displayName":');
    expect(await (await read(key, 'stale')).json()).toEqual({ displayName: 'five' });
  });

  it('brings nothing back of a configuration that was deleted and made anew', async () => {
    const key = await newOrganisation(workers, 'anew');
    await write(key, 'anew', { displayName: 'old' });
    await workers.fetch(at('anew'), { method: 'DELETE', headers: bearer(key) });
    await write(key, 'anew', { displayName: 'new' });
    expect(await (await read(key, 'anew')).json()).toEqual({ displayName: 'new' });
    expect((await workers.cacheNames()).filter((name) => name.includes(':anew:'))).toHaveLength(1);
  });
});

describe('the instances of config-service', () => {
  it('are those of the organisation, with the addresses of their workers', async () => {
    const key = await newOrganisation(workers, 'tenant');
    const insert = 'INSERT INTO instances (instance_id, org_id, name, config) VALUES (?, ?, ?, ?)';
    const config = JSON.stringify({
      worker_urls: { 'image-gen': 'https://image-gen-i1.example.workers.dev' },
    });
    await workers.sql(insert, "i1'); DROP TABLE instances; --", 'tenant', 'First', config);
    await workers.sql(insert, 'i2', 'other', 'Second', '{}');
    const answer = await workers.fetch(at('tenant', 'instances'), { headers: bearer(key) });
    expect(await answer.json()).toEqual({
      instances: [
        {
          id: "i1'); DROP TABLE instances; --",
          name: 'First',
          workerUrls: { 'image-gen': 'https://image-gen-i1.example.workers.dev' },
        },
      ],
    });
    await expect(workers.sql(insert, 'i3', 'tenant', 'Third', 'no JSON')).rejects.toThrow('CHECK');
    await workers.sql('DELETE FROM instances');
  });
});
