// The workers of services/ on workerd, in a process of its own: wrangler's test harness can't live inside jest. Its
// parent asks for what HTTP does not show, by messages; it ends when the parent does.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTestHarness } from 'wrangler';
import { parseWranglerConfig, workerSettings } from '../../../src/core/cloudflare/wrangler-config.ts';
import type { WorkersOptions } from './start-workers.ts';

const root = join(import.meta.dirname, '../../..');
const workers = ['config-service', 'rate-limiter', 'image-gen'] as const;
const environment = 'staging';
const options: WorkersOptions = JSON.parse(process.argv[2] ?? '{}');

type Inputs = Parameters<typeof createTestHarness>[0];
type Input = NonNullable<Inputs>['workers'][number];

const gateway: Input = {
  config: {
    name: 'gateway',
    main: join(import.meta.dirname, 'gateway.mjs'),
    compatibility_date: '2026-11-01',
    services: [
      { binding: 'CONFIG_SERVICE', service: `config-service-${environment}` },
      { binding: 'RATE_LIMITER', service: `rate-limiter-${environment}` },
      { binding: 'IMAGE_GEN', service: `image-gen-${environment}` },
      {
        binding: 'CONFIGURATIONS',
        service: `config-service-${environment}`,
        entrypoint: 'Configurations',
      },
      { binding: 'LIMITER', service: `rate-limiter-${environment}`, entrypoint: 'Limiter' },
    ],
  },
};

const server = createTestHarness({ root, workers: [gateway, ...workers.map(inputFor)] });
const { url } = await server.listen();
const configService = server.getWorker(`config-service-${environment}`);
const limiter = server.getWorker(`rate-limiter-${environment}`);

// biome-ignore lint/suspicious/noExplicitAny: what may be asked is written down where it is asked, in start-workers.ts.
const asked: Readonly<Record<string, (...args: any[]) => Promise<unknown>>> = {
  migrate: () => configService.applyD1Migrations('DB'),
  async sql(statement: string, ...values: unknown[]) {
    const { DB } = await configService.getEnv();
    const { results } = await DB.prepare(statement)
      .bind(...values)
      .all();
    return results;
  },
  async cacheNames() {
    const { CONFIG_CACHE } = await configService.getEnv();
    const { keys } = await CONFIG_CACHE.list();
    return keys.map(({ name }: { name: string }) => name);
  },
  async cachePut(name: string, text: string) {
    const { CONFIG_CACHE } = await configService.getEnv();
    await CONFIG_CACHE.put(name, text);
  },
  async imageNames() {
    const { IMAGES } = await server.getWorker(`image-gen-${environment}`).getEnv();
    const { objects } = await IMAGES.list();
    return objects.map(({ key }: { key: string }) => key);
  },
  bucketIds: () => limiter.listDurableObjectIds('Bucket'),
  evictBucket: (name: string) => limiter.evictDurableObject('Bucket', { name }),
  async bucketRows(name: string, statement: string) {
    const storage = await limiter.getDurableObjectStorage('Bucket', { name });
    return await storage.exec(statement);
  },
  logs: async () => server.getLogs(),
};

process.on('message', ({ id, name, args }: { id: number; name: string; args: unknown[] }) => {
  Promise.resolve()
    .then(() => asked[name]?.(...args))
    .then(
      (value) => process.send?.({ id, value: value ?? null }),
      (error) => process.send?.({ id, error: String(error) }),
    );
});
process.on('disconnect', () => void server.close().finally(() => process.exit(0)));
process.send?.({ id: 0, value: String(url) });

/** A worker as its wrangler.jsonc says; with another entry where the test wants one around it. */
function inputFor(name: (typeof workers)[number]): Input {
  const given = {
    ...(options.vars?.[name] === undefined ? {} : { vars: options.vars[name] }),
    ...(options.secrets?.[name] === undefined ? {} : { secrets: options.secrets[name] }),
  };
  const configPath = join(root, 'services', name, 'wrangler.jsonc');
  const entry = options.entries?.[name];
  if (entry === undefined) return { configPath, env: environment, ...given };
  const config = parseWranglerConfig(readFileSync(configPath, 'utf8'), configPath);
  const { env, $schema, ...top } = config.raw;
  const own = (env as Record<string, object>)[environment] ?? {};
  const vars = { ...workerSettings(config, environment).vars, ...given.vars, ...given.secrets };
  const main = join(import.meta.dirname, entry);
  return { config: { ...top, ...own, name: `${name}-${environment}`, main, vars } } as Input;
}
