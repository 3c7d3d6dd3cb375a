import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { type ActResult, forAct } from '../support/act.ts';
import { type Files, removeRepositories } from '../support/repository.ts';
import { deployWorkflow, openShop, type RunOptions, type Shop, withStateDir } from '../support/shop.ts';
import { ROOT } from '../support/source-tree.ts';
import { requireTools } from '../support/tools.ts';

jest.setTimeout(180_000);

const suite = requireTools('act', 'flock', 'node24');

/** A service that a script deploys; it writes down that it ran. */
const scripted = (name: string, stateDir: string, settings = '', command = 'true'): Files => ({
  [`services/${name}/README.md`]: 'A part.\n',
  [`services/${name}/service.yml`]: `driver: script\n${settings}`,
  [`services/${name}/deploy.sh`]: {
    executable: `#!/usr/bin/env bash\nset -euo pipefail\n${command}\necho ${name} >>${stateDir}/ran\n`,
  },
  [`services/${name}/health-check.sh`]: { executable: '#!/usr/bin/env bash\nexit 0\n' },
});

suite('waves', () => {
  let shop: Shop;
  let api: Server;
  let failed: string[] = [];
  let asked: string[] = [];
  let options: RunOptions = {};

  beforeAll(async () => {
    // The jobs of the run, as GitHub lists them: one page, and one more.
    api = createServer((request, response) => {
      asked.push(request.url ?? '');
      const job = (name: string, conclusion: string) => ({ name, status: 'completed', conclusion });
      const second = request.url?.includes('page=2') === true;
      const address = `http://${request.headers.host}${request.url}&page=2`;
      const jobs = second
        ? failed.map((name) => job(`Launch / ${name}`, 'failure'))
        : [job('Launch / Plan', 'success')];
      response.writeHead(200, {
        'content-type': 'application/json',
        ...(second ? {} : { link: `<${address}>; rel="next"` }),
      });
      response.end(JSON.stringify({ total_count: jobs.length, jobs }));
    });
    await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
    const bound = api.address();
    const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
    options = { env: { GITHUB_API_URL: `http://127.0.0.1:${port}` } };
    shop = openShop(({ stateDir }) => ({
      'launch.yml':
        'targets:\n  homelab: { runs-on: [self-hosted, homelab] }\n  aws: { runs-on: [self-hosted, aws] }\ndefaults: { target: homelab }\n',
      ...scripted('db', stateDir, '', 'exit 7'),
      ...scripted('cache', stateDir, 'target: aws\n'),
      ...scripted('api', stateDir, 'depends-on: [db]\n'),
      ...scripted('web', stateDir, 'depends-on: [cache]\n'),
      ...scripted('mail', stateDir, 'depends-on: [api]\n'),
      ...scripted('top', stateDir, 'depends-on: [web]\n'),
    }));
  });

  afterAll(() => {
    api?.close();
    removeRepositories();
  });

  const ready = (path: string) => withStateDir(forAct(readFileSync(join(ROOT, path), 'utf8')), shop.stateDir);
  const jobs = (run: ActResult) =>
    run.jobs
      .filter(({ id }) => id !== 'plan')
      .map(({ id, matrix, result }) => [id, matrix['service'] || '-', result].join(' '))
      .sort();

  it('skip what depends on a failed service, and nothing else', async () => {
    failed = ['Deploy db to homelab'];
    const run = await shop.push({}, options);
    expect(jobs(run)).toEqual([
      'hold-back-2 - success',
      'hold-back-3 - success',
      'wave-1 cache success',
      'wave-1 db failure',
      'wave-2 web success',
      'wave-3 top success',
    ]);
    expect(run.log).toContain('api is held back, it depends on db.');
    expect(run.log).toContain('mail is held back, it depends on db.');
    expect(
      asked.filter((url) => url.includes('/repos/acme/shop/actions/runs/1/attempts/1/jobs')),
    ).not.toEqual([]);
    expect(run.exitCode).not.toBe(0);
  });

  it('end where it can’t be told what failed', async () => {
    failed = [];
    asked = [];
    const run = await shop.push(
      {
        'services/cache/README.md': 'Both.\n',
        'services/db/README.md': 'Both.\n',
        'services/web/README.md': 'Both.\n',
      },
      options,
    );
    expect(jobs(run)).toEqual(['hold-back-2 - failure', 'wave-1 cache success', 'wave-1 db failure']);
    expect(run.log).toContain('A deploy job failed, but GitHub does not list which.');
  });

  it('go through without asking anybody when nothing fails', async () => {
    asked = [];
    const run = await shop.push(
      {
        'services/db/deploy.sh': { executable: '#!/usr/bin/env bash\nexit 0\n' },
        'services/api/README.md': 'Both.\n',
      },
      options,
    );
    expect(jobs(run)).toEqual(['wave-1 db success', 'wave-2 api success']);
    expect(asked.filter((url) => url.includes('/attempts/'))).toEqual([]);
    expect(run.exitCode).toBe(0);
  });

  it('are deployed in this repository only where its variable says so', async () => {
    const own = { [deployWorkflow]: ready('.github/workflows/deploy.yml') };
    const touch = (text: string) => ({ 'services/cache/README.md': text });
    expect(jobs(await shop.push({ ...own, ...touch('One.\n') }, options))).toEqual([]);
    const vars = { LAUNCH_DEPLOY: 'here' };
    expect(jobs(await shop.push(touch('Two.\n'), { ...options, vars }))).toEqual(['wave-1 cache success']);
  });

  it('are the same in the form for repositories of other owners', async () => {
    const run = await shop.push(
      {
        [deployWorkflow]: ready('workflows/launch-deploy-standalone.yml'),
        'services/db/README.md': 'More.\n',
        'services/api/README.md': 'More.\n',
      },
      options,
    );
    expect(jobs(run)).toEqual(['wave-1 db success', 'wave-2 api success']);
    expect(run.exitCode).toBe(0);
  });

  it('deploy the services of a target one after another where a matrix would be too long', async () => {
    // In place of 257 services: what resolve-runner-target gives then.
    const entry = {
      service: '',
      services: ['cache', 'top', 'web'],
      target: 'homelab',
      driver: 'script',
      wave: 1,
      environment: '',
    };
    const wave = { include: [{ ...entry, 'runs-on': ['self-hosted', 'homelab'] }] };
    writeFileSync(
      join(shop.launch, 'dist/resolve-runner-target/index.js'),
      `const { appendFileSync } = require('node:fs');
appendFileSync(process.env.GITHUB_OUTPUT, ${JSON.stringify(`waves=${JSON.stringify([wave])}\n`)});\n`,
    );
    const ran = () => readFileSync(join(shop.stateDir, 'ran'), 'utf8').split('\n').slice(0, -1);
    const before = ran().length;
    const change = {
      'services/cache/README.md': 'A.\n',
      'services/web/README.md': 'B.\n',
      'services/top/README.md': 'C.\n',
    };
    const run = await shop.push(
      { ...change, 'services/top/deploy.sh': { executable: '#!/usr/bin/env bash\nexit 1\n' } },
      options,
    );
    expect(jobs(run)).toEqual(['wave-1 - failure']);
    // In the middle, the release before puts itself back; the last one still gets its turn.
    expect(ran().slice(before)).toEqual(['cache', 'top', 'web']);
    expect(run.log).toContain('1 of 3 services failed: top.');
  });
});
