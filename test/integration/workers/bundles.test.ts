import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type RunResult, run } from '../../../src/adapters/process/run.ts';
import { parseWranglerConfig, workerSettings } from '../../../src/core/cloudflare/wrangler-config.ts';
import { ROOT } from '../../support/source-tree.ts';
import { offline } from '../../support/workers/offline.ts';

const folder = mkdtempSync(join(tmpdir(), 'launch-bundles-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const workers = ['config-service', 'rate-limiter', 'image-gen'];
const environments = ['production', 'staging', 'development'];

const runs = new Map<string, RunResult>();
/** Three at a time: most of the time wrangler waits. */
beforeAll(async () => {
  await Promise.all(
    workers.map(async (worker) => {
      for (const environment of environments) {
        const out = join(folder, worker, environment);
        const result = await run(
          [
            join(ROOT, 'node_modules/.bin/wrangler'),
            'deploy',
            '--dry-run',
            '--env',
            environment,
            '--outdir',
            out,
          ],
          {
            cwd: join(ROOT, 'services', worker),
            env: { PATH: process.env['PATH'], HOME: folder, ...offline },
          },
        );
        runs.set(`${worker} ${environment}`, result);
      }
    }),
  );
});

const configOf = (worker: string) => {
  const file = join('services', worker, 'wrangler.jsonc');
  return parseWranglerConfig(readFileSync(join(ROOT, file), 'utf8'), file);
};

describe.each(workers)('%s', (worker) => {
  it.each(environments)('is bundled by wrangler for %s, with what it is bound to', (environment) => {
    const result = runs.get(`${worker} ${environment}`);
    const said = `${result?.stdout}${result?.stderr}`;
    expect(result).toMatchObject({ outcome: 'exited', exitCode: 0 });
    expect(said).toContain('--dry-run: exiting now');
    expect(said).not.toMatch(/warning|unexpected/i);
    expect(readdirSync(join(folder, worker, environment))).toContain('index.js');
    const settings = workerSettings(configOf(worker), environment);
    for (const { binding } of [...settings.d1, ...settings.kv, ...settings.r2, ...settings.services]) {
      expect(said).toContain(`env.${binding}`);
    }
    for (const { name } of settings.durableObjects) expect(said).toContain(`env.${name}`);
  });

  it('has an environment each, bound to its own and to nothing of another', () => {
    const config = configOf(worker);
    expect(config.environments).toEqual(environments);
    const named = environments.map((environment) => {
      const { name, d1, r2, services } = workerSettings(config, environment);
      expect(name).toBe(`${worker}-${environment}`);
      expect(services.every(({ service }) => service.endsWith(`-${environment}`))).toBe(true);
      return [...d1.map((it) => it.database_name), ...r2.map((it) => it.bucket_name)];
    });
    expect(new Set(named.flat()).size).toBe(named.flat().length);
    // Where one has a binding, all have it.
    const bindings = environments.map((environment) => {
      const { d1, kv, r2, services, durableObjects, vars } = workerSettings(config, environment);
      const resources = [...d1, ...kv, ...r2, ...services].map(({ binding }) => binding);
      return [...resources, ...durableObjects.map(({ name }) => name), ...Object.keys(vars)];
    });
    expect(new Set(bindings.map((list) => list.join())).size).toBe(1);
  });

  it('has no id in its configuration, not even in a comment', () => {
    const text = readFileSync(join(ROOT, 'services', worker, 'wrangler.jsonc'), 'utf8');
    expect(text).not.toMatch(/database_id|"id"|preview_id|account_id|[0-9a-f]{8}-?[0-9a-f]{4}/i);
  });
});
