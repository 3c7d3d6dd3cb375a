// What the stand-in for Cloudflare's API is worth: the real wrangler works against it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cloudflareClient } from '../../../src/adapters/cloudflare/api.ts';
import {
  deleteWorker,
  listDeployments,
  listSecretNames,
  listVersions,
  listWorkers,
  readSubdomain,
  readVersion,
} from '../../../src/adapters/cloudflare/workers.ts';
import { run } from '../../../src/adapters/process/run.ts';
import { type FakeCloudflare, startFakeCloudflare } from '../../support/cloudflare-api/server.ts';
import { node24 } from '../../support/tools.ts';

const wrangler = join(import.meta.dirname, '../../../node_modules/wrangler/bin/wrangler.js');
const folder = mkdtempSync(join(tmpdir(), 'launch-wrangler-'));
let fake: FakeCloudflare;
beforeAll(async () => {
  fake = await startFakeCloudflare();
  fake.r2.buckets.set('octo', { name: 'octo', createdOn: new Date().toISOString(), objects: new Map() });
  write('index.js', 'export default { fetch: () => new Response("v1") };');
  write(
    'wrangler.jsonc',
    JSON.stringify({
      name: 'hello',
      main: 'index.js',
      compatibility_date: '2026-01-01',
      r2_buckets: [{ binding: 'BUCKET', bucket_name: 'octo' }],
    }),
  );
});
afterAll(async () => {
  await fake.close();
  rmSync(folder, { recursive: true, force: true });
});

const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
const client = () => cloudflareClient({ token: fake.token, accountId: fake.accountId, apiUrl: fake.url });
const ask = async (headers: Record<string, string> = {}) => {
  const response = await fetch(`${fake.workerUrl('hello')}/health`, { headers });
  return `${response.status} ${await response.text()}`;
};
async function call(...args: string[]): Promise<string> {
  const result = await run([node24(), wrangler, ...args], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, CI: 'true', ...fake.env },
    timeout: 30_000,
  });
  return result.outcome === 'exited' && result.exitCode === 0
    ? 'done'
    : `${result.outcome}: ${result.stdout}${result.stderr}`;
}

describe('wrangler and the stand-in for the API', () => {
  it('deploy a worker, then a new version with secrets, which keeps them afterwards', async () => {
    expect(await call('deploy', '--no-x-provision', '--message', 'first')).toBe('done');
    expect(await ask()).toBe('200 v1');
    write('secrets.json', JSON.stringify({ KEY: 'value' }));
    write('index.js', 'export default { fetch: () => new Response("v2") };');
    expect(await call('deploy', '--no-x-provision', '--secrets-file', 'secrets.json')).toBe('done');
    expect(await ask()).toBe('200 v2');
    write('index.js', 'export default { fetch: () => new Response("broken", { status: 500 }) };');
    expect(await call('versions', 'upload', '--no-x-provision', '--tag', 'v3')).toBe('done');
    expect(await ask()).toBe('200 v2');

    const versions = await listVersions(client(), 'hello');
    expect(versions?.map(({ number }) => number)).toEqual([3, 2, 1]);
    expect(versions?.[0]?.annotations).toMatchObject({ 'workers/tag': 'v3' });
    const details = await readVersion(client(), 'hello', versions?.[0]?.id ?? '');
    expect(details.bindings).toEqual([
      { type: 'r2_bucket', name: 'BUCKET', fields: { bucket_name: 'octo' } },
      { type: 'secret_text', name: 'KEY', fields: {} },
    ]);
    expect(await listSecretNames(client(), 'hello')).toEqual(['KEY']);
  });

  it('give a version no traffic, half of it, and take it back', async () => {
    const [bad, good] = (await listVersions(client(), 'hello')) ?? [];
    if (bad === undefined || good === undefined) throw new Error('no versions');
    expect(await call('secret', 'bulk', 'secrets.json')).toMatch(/10215|latest version/);
    expect(await call('versions', 'deploy', `${bad.id}@0%`, `${good.id}@100%`, '-y')).toBe('done');
    expect(await ask()).toBe('200 v2');
    expect(await ask({ 'cloudflare-workers-version-overrides': `hello="${bad.id}"` })).toBe('500 broken');
    expect(await call('versions', 'deploy', `${bad.id}@50%`, `${good.id}@50%`, '-y')).toBe('done');
    const seen = await Promise.all(Array.from({ length: 20 }, () => ask()));
    expect(seen.filter((answer) => answer.startsWith('500'))).toHaveLength(10);
    expect(await call('rollback', good.id, '-y', '--message', 'too bad')).toBe('done');
    expect(await ask()).toBe('200 v2');
    const deployments = await listDeployments(client(), 'hello');
    expect(deployments?.[0]).toMatchObject({
      annotations: { 'workers/message': 'too bad' },
      versions: [{ versionId: good.id, percentage: 100 }],
    });
    expect(deployments).toHaveLength(5);
  });

  it('apply migrations, and tell and delete workers', async () => {
    const uuid = '00000000-0000-4000-8000-000000000001';

    const sqlite = new DatabaseSync(':memory:');
    fake.d1.databases.set(uuid, { uuid, name: 'multi', createdAt: '', sqlite });
    write(
      'db.json',
      JSON.stringify({
        name: 'x',
        d1_databases: [{ binding: 'DB', database_name: 'multi', database_id: uuid }],
      }),
    );

    mkdirSync(join(folder, 'migrations'));
    write('migrations/0001_first.sql', "CREATE TABLE t (a TEXT);\nINSERT INTO t VALUES ('a;b');");
    expect(await call('d1', 'migrations', 'apply', 'multi', '--remote', '-c', 'db.json')).toBe('done');
    expect(sqlite.prepare('SELECT a FROM t').all()).toEqual([{ a: 'a;b' }]);

    expect(await listWorkers(client())).toEqual(['hello']);
    expect(await readSubdomain(client(), 'hello')).toMatchObject({
      enabled: true,
      url: fake.workerUrl('hello'),
    });
    expect(await call('delete', '--name', 'hello', '--force')).toBe('done');
    expect(await deleteWorker(client(), 'hello', true)).toBe(false);
    expect(await listDeployments(client(), 'hello')).toBeUndefined();
    expect(fake.refused).toEqual([]);
  });
});
