// Repositories with the three workers that an organisation gets copies of, and files of instances.
import { resolve } from 'node:path';
import type { FakeCloudflare } from './cloudflare-api/server.ts';
import { createRepository, type Files, type Repository } from './repository.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** Copies of these take a tenth of a second, or more than one. */
export type WranglerKind = 'quick' | 'real';

const config = (settings: object) =>
  `${JSON.stringify({ main: 'index.js', compatibility_date: '2026-11-01', preview_urls: false, ...settings }, null, 2)}\n`;

export function workerText(text: string, status = 200): string {
  return `export default {\n  fetch: () => new Response("${text}", { status: ${status} }),\n};\n`;
}

/** `limiter`; `images`, bound to it, with a bucket and a secret; `config` with the database and a namespace. */
export const threeWorkers: Files = {
  '.gitignore': 'node_modules\n.wrangler\n',
  'launch.yml': 'targets:\n  edge: { runs-on: ubuntu-latest, driver: worker }\n',
  'services/limiter/wrangler.jsonc': config({
    name: 'limiter',
    durable_objects: { bindings: [{ name: 'LIMITS', class_name: 'Limits' }] },
    migrations: [{ tag: 'v1', new_sqlite_classes: ['Limits'] }],
  }),
  'services/limiter/index.js': `export class Limits {}\n${workerText('limiter')}`,
  'services/images/wrangler.jsonc': config({
    name: 'images',
    r2_buckets: [{ binding: 'IMAGES', bucket_name: 'images' }],
    services: [{ binding: 'LIMITER', service: 'limiter' }],
  }),
  'services/images/index.js': workerText('images'),
  'services/images/service.yml': 'secrets: [IDEOGRAM_API_KEY]\nhealth:\n  - { http: /health, timeout: 2s }\n',
  'services/config/wrangler.jsonc': config({
    name: 'config',
    kv_namespaces: [{ binding: 'CACHE' }],
    d1_databases: [{ binding: 'DB', database_name: 'multiagent_system' }],
  }),
  'services/config/index.js': workerText('config'),
  'services/config/migrations/0001_organisations.sql': 'CREATE TABLE organisations (id TEXT PRIMARY KEY);\n',
  'services/config/migrations/0002_names.sql':
    'ALTER TABLE organisations ADD COLUMN name TEXT;\n-- shown to people',
};

/** One worker with a bucket, for many instances. */
export const oneWorker: Files = {
  '.gitignore': 'node_modules\n.wrangler\n',
  'launch.yml': 'targets:\n  edge: { runs-on: ubuntu-latest, driver: worker }\n',
  'services/images/wrangler.jsonc': config({
    name: 'images',
    r2_buckets: [{ binding: 'IMAGES', bucket_name: 'images' }],
    kv_namespaces: [{ binding: 'CACHE' }],
    d1_databases: [{ binding: 'DB', database_name: 'multiagent_system' }],
  }),
  'services/images/index.js': workerText('images'),
  'services/images/migrations/0001_first.sql': 'CREATE TABLE organisations (id TEXT PRIMARY KEY);\n',
};

export function instanceText(settings: Readonly<Record<string, unknown>> = {}): string {
  const usual = {
    instance_id: 'acme',
    org_id: 'acme-corp',
    name: 'ACME',
    environment: 'production',
    rate_limits: { rpm: 60, tpm: 100_000 },
  };
  return `${JSON.stringify({ ...usual, ...settings }, null, 2)}\n`;
}

export function instanceRepository(files: Files, wrangler: WranglerKind = 'quick'): Repository {
  const repository = createRepository();
  repository.commit(files);
  const place = wrangler === 'quick' ? 'test/support/quick-wrangler' : 'node_modules/wrangler';
  repository.write({ 'node_modules/wrangler': { symlink: resolve(ROOT, place) } });
  return repository;
}

/** Everything that a fake account holds, in a form to compare: what was made when and under which id is left out. */
export function stateOf(fake: FakeCloudflare): Readonly<Record<string, unknown>> {
  const titles = new Map([...fake.kv.namespaces.values()].map(({ id, title }) => [id, title]));
  const databases = [...fake.d1.databases.values()];
  const named = (value: unknown): unknown =>
    titles.get(String(value)) ?? databases.find(({ uuid }) => uuid === value)?.name ?? value;
  return {
    databases: databases.map(({ name, sqlite }) => ({
      name,
      rows: tableRows(sqlite, 'instances').map((row) => ({
        ...row,
        config: String(row['config']).replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, 'http://fake'),
      })),
      migrations: tableRows(sqlite, 'd1_migrations').map(({ name: migration }) => migration),
    })),
    namespaces: [...titles.values()].sort(),
    buckets: [...fake.r2.buckets.keys()].sort(),
    workers: Object.fromEntries(
      [...fake.workers]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, worker]) => {
          const [live] = worker.deployments[0]?.versions ?? [];
          const version = worker.versions.find(({ id }) => id === live?.version_id);
          const bindings = (version?.bindings ?? []).map((binding) =>
            Object.fromEntries(Object.entries(binding).map(([key, value]) => [key, named(value)])),
          );
          return [name, { share: live?.percentage, enabled: worker.subdomain.enabled, bindings }];
        }),
    ),
  };
}

type Row = Readonly<Record<string, unknown>>;

function tableRows(
  sqlite: FakeCloudflare['d1']['databases'] extends ReadonlyMap<string, { sqlite: infer S }> ? S : never,
  table: string,
): Row[] {
  const there = sqlite.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name = ?").all(table);
  if (there.length === 0) return [];
  return sqlite
    .prepare(`SELECT * FROM ${table} ORDER BY 1`)
    .all()
    .map((row) => ({ ...row }));
}
