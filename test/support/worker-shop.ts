// A shop whose services are workers, and a stand-in for Cloudflare that its runs reach.
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { ActResult } from './act.ts';
import type { FakeCloudflare } from './cloudflare-api/server.ts';
import type { Files } from './repository.ts';
import { openShop, type RunOptions, type Shop } from './shop.ts';
import { ROOT } from './source-tree.ts';

export const testKey = 'test-key-7f3a91c2';

/** Two workers, of which one needs the other, and a service that is none; tests that any "mistake" fails, and live ones that any "broken" does. */
const workerShopFiles: Files = {
  'launch.yml': `targets:
  edge: { runs-on: ubuntu-latest, driver: worker, environment: staging }
  homelab: { runs-on: self-hosted }
defaults: { target: edge }
`,
  '.gitignore': 'node_modules\n.wrangler\n',
  'package.json': `{
  "name": "shop",
  "private": true,
  "scripts": { "test": "node test.mjs", "test:e2e": "node e2e.mjs" }
}
`,
  'package-lock.json':
    '{ "name": "shop", "lockfileVersion": 3, "requires": true, "packages": { "": { "name": "shop" } } }\n',
  'test.mjs': `import { readFileSync } from 'node:fs';
if (Object.keys(process.env).some((name) => /SECRET|TOKEN$|CLOUDFLARE_API_TOKEN/.test(name))) process.exit(9);
for (const name of ['limiter', 'api']) {
  const text = readFileSync('services/' + name + '/src/index.js', 'utf8');
  if (text.includes('mistake')) throw new Error('a mistake in ' + name);
}
console.log('all tests passed');
`,
  'e2e.mjs': `if (!/^test-key-/.test(process.env.TEST_API_KEY)) throw new Error('there is no key');
for (const [name, url] of Object.entries(JSON.parse(process.env.WORKER_URLS))) {
  const text = await (await fetch(url, { headers: { authorization: 'Bearer ' + process.env.TEST_API_KEY } })).text();
  console.log('live: ' + name + ' says ' + text);
  if (text.includes('broken')) throw new Error(name + ' is broken');
}
`,
  'services/site/README.md': 'No worker.\n',
  'services/site/service.yml': 'driver: script\ntarget: homelab\n',
  'services/site/deploy.sh': { executable: '#!/usr/bin/env bash\necho deployed\n' },
  'services/site/health-check.sh': { executable: '#!/usr/bin/env bash\nexit 0\n' },
  ...worker('limiter', {}),
  ...worker('api', { services: [{ binding: 'LIMITER', service: 'limiter-staging' }] }),
};

function worker(name: string, staging: object): Files {
  // At the stand-in nothing answers at the address of a preview.
  const common = { main: 'src/index.js', compatibility_date: '2026-11-01', preview_urls: false };
  const config = { name, ...common, env: { staging } };
  return {
    [`services/${name}/README.md`]: `The worker ${name}.\n`,
    [`services/${name}/wrangler.jsonc`]: `${JSON.stringify(config, undefined, 2)}\n`,
    [`services/${name}/service.yml`]: `${name === 'api' ? 'depends-on: [limiter]\n' : ''}secrets: [TEST_API_KEY]\nhealth: [{ http: /health, timeout: 10s }]\n`,
    ...says(name, `${name} 1`),
  };
}

/** A version of a worker that answers with this text. */
export function says(name: string, text: string, status = 200): Files {
  const code = `export default { fetch() { return new Response("${text}", { status: ${status} }); } };\n`;
  return { [`services/${name}/src/index.js`]: code };
}

/** A shop with these files more, on whose runner wrangler is there as a package above the checkouts. */
export function openWorkerShop(files: Files): Shop {
  const shop = openShop(() => ({ ...workerShopFiles, ...files }));
  mkdirSync(join(shop.home, 'node_modules'));
  symlinkSync(join(ROOT, 'node_modules/wrangler'), join(shop.home, 'node_modules/wrangler'));
  return shop;
}

/** For a run that reaches the stand-in. */
export function towards(fake: FakeCloudflare, more: RunOptions = {}): RunOptions {
  return {
    ...more,
    secrets: {
      LAUNCH_SECRETS: [
        `CLOUDFLARE_API_TOKEN=${fake.token}`,
        `CLOUDFLARE_ACCOUNT_ID=${fake.accountId}`,
        `TEST_API_KEY=${testKey}`,
        '',
      ].join('\n'),
    },
    env: { CLOUDFLARE_API_BASE_URL: fake.url, ...more.env },
  };
}

/** How a step ended, in the first job that has one of that name; undefined: no job came to it. */
export function stepOf(run: ActResult, name: string): string | undefined {
  return run.jobs.flatMap(({ steps }) => steps).find((step) => step.name === name)?.result;
}

/** `job of a service or target: result`, of all jobs but the plan. */
export function jobsOf(run: ActResult): string[] {
  return run.jobs
    .filter(({ id }) => id !== 'plan')
    .map(({ id, matrix, result }) => `${id} ${matrix['service'] ?? matrix['target'] ?? '-'}: ${result}`)
    .sort();
}
