// A push that changes a worker and a service of a host, through deploy.yml and the action deploy, under act.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { cloudflareForEachTest } from '../support/cloudflare-api/for-each-test.ts';
import { removeRepositories } from '../support/repository.ts';
import { openShop } from '../support/shop.ts';
import { requireTools } from '../support/tools.ts';
import { trafficOf, workerAt, workerCode, workerFiles } from '../support/worker-repository.ts';

const suite = requireTools('act', 'node24');
const wrangler = resolve(import.meta.dirname, '../../node_modules/wrangler');

const fake = cloudflareForEachTest();
afterAll(removeRepositories);

suite('a push to a repository with workers', () => {
  it('sends each service by its driver, and takes a worker back whose smoke test fails', async () => {
    const shop = openShop(({ stateDir }) => ({
      'launch.yml':
        'targets:\n  homelab: { runs-on: [self-hosted, homelab] }\n  edge: { runs-on: ubuntu-latest, driver: worker }\ndefaults: { target: homelab }\n',
      ...workerFiles('api', {
        text: 'v1',
        service: ['target: edge', 'secrets: [KEY]', 'health: [{ http: /, status: 200, timeout: 1s }]'],
      }),
      'services/api/README.md': 'The API.\n',
      // In place of `npm ci`.
      'node_modules/wrangler': { symlink: wrangler },
      'services/site/README.md': 'The site.\n',
      'services/site/deploy.sh': {
        executable: `#!/usr/bin/env bash\necho "\${KEY:-no key}" >>${stateDir}/ran\n`,
      },
      'services/site/health-check.sh': { executable: '#!/usr/bin/env bash\nexit 0\n' },
    }));
    const options = {
      env: { CLOUDFLARE_API_BASE_URL: fake.url, RUNNER_ENVIRONMENT: 'github-hosted' },
      secrets: {
        LAUNCH_SECRETS: `KEY=k3y-of-the-house\nCLOUDFLARE_API_TOKEN=${fake.token}\nCLOUDFLARE_ACCOUNT_ID=${fake.accountId}`,
      },
    };
    const first = await shop.push({}, options);
    expect(
      first.jobs.map(({ id, matrix, result }) => `${id} ${matrix['service'] ?? ''} ${result}`).sort(),
    ).toEqual(['plan  success', 'wave-1 api success', 'wave-1 site success']);
    expect(readFileSync(join(shop.stateDir, 'ran'), 'utf8')).toBe('no key\n');
    expect(trafficOf(fake, 'api')).toEqual({ v1: 100 });
    expect(workerAt(fake, 'api').versions[0]?.bindings).toEqual([
      { type: 'secret_text', name: 'KEY', text: 'k3y-of-the-house' },
    ]);

    const second = await shop.push({ 'services/api/src/index.ts': workerCode('v2', 500) }, options);
    expect(second.jobs.filter(({ id }) => id !== 'plan').map(({ result }) => result)).toEqual(['failure']);
    expect(second.log).toMatch(/has all of the traffic/);
    expect(trafficOf(fake, 'api')).toEqual({ v1: 100 });
    for (const { log } of [first, second]) {
      expect(log).not.toContain('k3y-of-the-house');
      expect(log).not.toContain(fake.token);
    }
  });
});
