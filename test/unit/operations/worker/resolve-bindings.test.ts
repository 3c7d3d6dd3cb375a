import { describe, expect, it } from '@jest/globals';
import type { BindingOverrides } from '../../../../src/core/cloudflare/binding-overrides.ts';
import { commandFor } from '../../../../src/core/cloudflare/bindings.ts';
import { parseWranglerConfig, workerSettings } from '../../../../src/core/cloudflare/wrangler-config.ts';
import { resolveBindings } from '../../../../src/operations/worker/resolve-bindings.ts';

const config = parseWranglerConfig(
  `{
  "name": "shop",
  "d1_databases": [
    { "binding": "DB", "database_name": "orders" },
    { "binding": "OLD", "database_name": "archive", "database_id": "written-id" },
  ],
  "kv_namespaces": [{ "binding": "PAGE_CACHE" }, { "binding": "WRITTEN", "id": "written-id" }],
  "r2_buckets": [{ "binding": "FILES", "bucket_name": "files" }],
  "env": {
    "staging": {
      "kv_namespaces": [{ "binding": "PAGE_CACHE" }],
      "r2_buckets": [{ "binding": "FILES" }, { "binding": "EU", "bucket_name": "eu-files", "jurisdiction": "eu" }],
    },
    "complete": {
      "d1_databases": [{ "binding": "DB", "database_id": "written-id" }],
      "r2_buckets": [{ "binding": "FILES", "bucket_name": "files" }],
    },
  },
}`,
  'services/shop/wrangler.jsonc',
);

/** An account that has these, by `<kind> <name>`. */
function account(ids: Readonly<Record<string, string>>) {
  const asked: string[] = [];
  return {
    asked,
    async find({ kind, name }: { kind: string; name: string }) {
      asked.push(`${kind} ${name}`);
      return ids[`${kind} ${name}`];
    },
  };
}

async function resolve(
  environment: string | undefined,
  lookup: ReturnType<typeof account>,
  { name, given }: { name?: string; given?: BindingOverrides } = {},
) {
  const settings = workerSettings(config, environment);
  return await resolveBindings({ config, settings, name: name ?? settings.name ?? '', given }, lookup);
}

describe('resolveBindings', () => {
  it('finds by name what has no id', async () => {
    const lookup = account({ 'd1 orders': 'id-1', 'kv shop-page-cache': 'id-2', 'r2 files': 'files' });
    expect(await resolve(undefined, lookup)).toEqual({
      d1: { DB: { id: 'id-1', name: 'orders' } },
      kv: { PAGE_CACHE: 'id-2' },
      r2: {},
    });
    expect(lookup.asked.sort()).toEqual(['d1 orders', 'kv shop-page-cache', 'r2 files']);
  });

  it('names what is left unnamed as wrangler would, and leaves buckets of a jurisdiction to it', async () => {
    const lookup = account({
      'kv shop-staging-page-cache': 'id-3',
      'r2 shop-staging-files': 'shop-staging-files',
    });
    expect(await resolve('staging', lookup)).toEqual({
      d1: {},
      kv: { PAGE_CACHE: 'id-3' },
      r2: { FILES: 'shop-staging-files' },
    });
  });

  it('changes nothing where the configuration says all, and looks for the bucket nevertheless', async () => {
    const lookup = account({ 'r2 files': 'files' });
    expect(await resolve('complete', lookup)).toBeUndefined();
    expect(lookup.asked).toEqual(['r2 files']);
    await expect(resolve('complete', account({}))).rejects.toThrow('no R2 bucket "files" (FILES)');
  });

  it('tells everything that is missing, with the commands that make it', async () => {
    await expect(resolve(undefined, account({ 'kv shop-page-cache': 'id-2' }))).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      summary: 'The account has no D1 database "orders" (DB), no R2 bucket "files" (FILES).',
      place: { file: 'services/shop/wrangler.jsonc', line: 4, column: 5 },
      remedy: expect.stringContaining('wrangler d1 create orders; wrangler r2 bucket create files.'),
    });
  });

  it('does not look for what was given, and keeps the rest of it', async () => {
    const lookup = account({ 'kv shop-acme-page-cache': 'id-5' });
    const given = {
      d1: { DB: { id: 'id-4', name: 'tenants' } },
      r2: { FILES: 'files-acme' },
      workers: { a: 'b' },
    };
    expect(await resolve(undefined, lookup, { name: 'shop-acme', given })).toEqual({
      ...given,
      kv: { PAGE_CACHE: 'id-5' },
    });
    expect(lookup.asked).toEqual(['kv shop-acme-page-cache']);
  });

  it('passes on what a lookup fails with', async () => {
    const failing = { ...account({}), find: () => Promise.reject(new Error('no network')) };
    await expect(resolve(undefined, failing)).rejects.toThrow('no network');
  });
});

describe('the command that makes a resource', () => {
  it('quotes a name that a shell would take apart', () => {
    expect(commandFor({ kind: 'd1', name: "x'); DROP TABLE instances; --" })).toBe(
      "wrangler d1 create 'x'\\''); DROP TABLE instances; --'",
    );
    expect(commandFor({ kind: 'kv', name: 'shop-cache' })).toBe('wrangler kv namespace create shop-cache');
  });
});
