import { describe, expect, it } from '@jest/globals';
import { boundResources, commandFor } from '../../../../src/core/cloudflare/bindings.ts';
import { parseWranglerConfig, workerSettings } from '../../../../src/core/cloudflare/wrangler-config.ts';
import { type ResourceLookups, resolveBindings } from '../../../../src/operations/worker/resolve-bindings.ts';

const config = parseWranglerConfig(
  JSON.stringify({
    name: 'shop',
    main: 'src/index.ts',
    limits: { cpu_ms: 50 },
    d1_databases: [
      { binding: 'DB', database_name: 'orders', migrations_dir: 'migrations' },
      { binding: 'OLD', database_name: 'archive', database_id: 'written-id' },
    ],
    kv_namespaces: [{ binding: 'PAGE_CACHE' }],
    r2_buckets: [{ binding: 'FILES', bucket_name: 'files' }],
    services: [{ binding: 'LIMITER', service: 'rate-limiter' }],
    durable_objects: { bindings: [{ name: 'CART', class_name: 'Cart', script_name: 'carts' }] },
    env: { staging: { kv_namespaces: [{ binding: 'PAGE_CACHE' }], r2_buckets: [{ binding: 'FILES' }] } },
  }),
  'services/shop/wrangler.jsonc',
);

/** An account that has these databases and namespaces, by name, and these buckets. */
function account(ids: Readonly<Record<string, string>>, buckets: readonly string[] = []) {
  const asked: string[] = [];
  const lookups: ResourceLookups = {
    async databaseId(name) {
      asked.push(`d1 ${name}`);
      return ids[name];
    },
    async namespaceId(title) {
      asked.push(`kv ${title}`);
      return ids[title];
    },
    async hasBucket(name, jurisdiction) {
      asked.push(`r2 ${name} ${jurisdiction ?? '-'}`);
      return buckets.includes(name);
    },
  };
  return { lookups, asked };
}

describe('resolveBindings', () => {
  it('finds by name what has no id, and keeps all else as it is', async () => {
    const { lookups, asked } = account({ orders: 'id-1', 'shop-page-cache': 'id-2' }, ['files']);
    const resolved = await resolveBindings(config, undefined, lookups);
    expect(resolved.config).toEqual({
      ...config.raw,
      d1_databases: [
        { binding: 'DB', database_name: 'orders', migrations_dir: 'migrations', database_id: 'id-1' },
        { binding: 'OLD', database_name: 'archive', database_id: 'written-id' },
      ],
      kv_namespaces: [{ binding: 'PAGE_CACHE', id: 'id-2' }],
    });
    expect(asked.sort()).toEqual(['d1 orders', 'kv shop-page-cache', 'r2 files -']);
    // The configuration itself is not touched.
    expect(config.raw['kv_namespaces']).toEqual([{ binding: 'PAGE_CACHE' }]);
  });

  it('names what an environment leaves unnamed as wrangler would', async () => {
    const { lookups } = account({ 'shop-staging-page-cache': 'id-3' }, ['shop-staging-files']);
    const { config: resolved } = await resolveBindings(config, 'staging', lookups);
    expect(resolved['env']).toEqual({
      staging: {
        kv_namespaces: [{ binding: 'PAGE_CACHE', id: 'id-3' }],
        r2_buckets: [{ binding: 'FILES', bucket_name: 'shop-staging-files' }],
      },
    });
  });

  it('tells everything that is missing, with the commands that make it', async () => {
    const { lookups } = account({ 'shop-page-cache': 'id-2' });
    await expect(resolveBindings(config, undefined, lookups)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      summary: 'The account has no D1 database "orders" (DB), no R2 bucket "files" (FILES).',
      place: { file: 'services/shop/wrangler.jsonc', line: 1 },
      remedy: expect.stringContaining('wrangler d1 create orders; wrangler r2 bucket create files.'),
    });
  });

  it('gives a copy of the worker its own name, stores and neighbours', async () => {
    const { lookups, asked } = account({ tenants: 'id-4', 'shop-acme-page-cache': 'id-5', other: 'id-6' }, [
      'files-acme',
    ]);
    const { config: resolved } = await resolveBindings(config, undefined, lookups, {
      worker: 'shop-acme',
      database: (name) => (name === 'archive' ? 'other' : 'tenants'),
      bucket: (name) => `${name}-acme`,
      service: (name) => `${name}-acme`,
    });
    expect(resolved).toMatchObject({
      name: 'shop-acme',
      d1_databases: [
        { binding: 'DB', database_name: 'tenants', database_id: 'id-4' },
        // Another database than the one whose id is written.
        { binding: 'OLD', database_name: 'other', database_id: 'id-6' },
      ],
      kv_namespaces: [{ id: 'id-5' }],
      r2_buckets: [{ bucket_name: 'files-acme' }],
      services: [{ service: 'rate-limiter-acme' }],
      durable_objects: { bindings: [{ script_name: 'carts-acme' }] },
    });
    expect(asked).toContain('d1 other');
    const staging = account({ 'shop-acme-page-cache': '1' }, ['shop-acme-files']);
    const copy = await resolveBindings(config, 'staging', staging.lookups, { worker: 'shop-acme' });
    expect(copy.config['env']).toMatchObject({ staging: { name: 'shop-acme' } });
    expect(copy.config['name']).toBe('shop');
  });

  it('passes on what a lookup fails with', async () => {
    const { lookups } = account({});
    const failing = { ...lookups, databaseId: async () => Promise.reject(new Error('no network')) };
    await expect(resolveBindings(config, undefined, failing)).rejects.toThrow('no network');
  });
});

describe('the command that makes a resource', () => {
  it('quotes a name that a shell would take apart', () => {
    const worker = workerSettings(
      parseWranglerConfig(
        JSON.stringify({
          name: 'w',
          d1_databases: [{ binding: 'DB', database_name: "x'); DROP TABLE instances; --" }],
          r2_buckets: [{ binding: 'B', bucket_name: 'b', jurisdiction: 'eu' }],
        }),
        'wrangler.json',
      ),
    );
    expect(boundResources(worker).map(commandFor)).toEqual([
      "wrangler d1 create 'x'\\''); DROP TABLE instances; --'",
      'wrangler r2 bucket create b --jurisdiction eu',
    ]);
  });
});
