// What a stranger's pull request may cause, and a merge queue.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { type ActResult, forAct } from '../support/act.ts';
import { type FakeGitHub, startFakeGitHub } from '../support/github-api.ts';
import { servePullRequest } from '../support/github-comments.ts';
import { script } from '../support/recorded-service.ts';
import { removeRepositories } from '../support/repository.ts';
import { deployWorkflow, openShop, type Shop, starter } from '../support/shop.ts';
import { ROOT } from '../support/source-tree.ts';
import { requireTools } from '../support/tools.ts';

jest.setTimeout(180_000);

const secrets = {
  LAUNCH_SECRETS: 'TOKEN=the-secret-of-the-target',
  GITHUB_TOKEN: 'ghs_token-of-the-job',
};

requireTools('act', 'node24')('a pull request', () => {
  let shop: Shop;
  let api: FakeGitHub;
  let options: Parameters<Shop['pullRequest']>[1];
  const jobs = (run: ActResult) => run.jobs.map(({ id, result }) => `${id}: ${result}`).sort();
  const step = (run: ActResult, name: string) =>
    run.jobs.flatMap(({ steps }) => steps).find((it) => it.name === name)?.result;
  const tests = (command: string) => `{ "private": true, "scripts": { "test": "${command}" } }\n`;

  beforeAll(async () => {
    api = await startFakeGitHub(secrets.GITHUB_TOKEN);
    options = { secrets, env: { GITHUB_API_URL: api.url } };
    shop = openShop(({ stateDir }) => ({
      ...starter('launch-pr.yml'),
      'launch.yml': `targets:
  homelab: { runs-on: [self-hosted, homelab] }
  edge: { runs-on: ubuntu-latest, driver: worker }
defaults: { target: homelab }
`,
      'package.json': tests('true'),
      'services/front/README.md': 'A part.\n',
      'services/front/service.yml': 'driver: script\nsecrets: [TOKEN]\n',
      'services/front/deploy.sh': script(`echo deployed >${stateDir}/deployed`),
      'services/front/health-check.sh': script(':'),
      'services/page/README.md': 'A worker.\n',
      'services/page/service.yml': 'target: edge\nsecrets: [TOKEN]\nhealth: [{ http: /health }]\n',
      'services/page/wrangler.jsonc':
        '{ "name": "page", "main": "src/index.js", "compatibility_date": "2026-11-01" }\n',
      'services/page/src/index.js': 'export default { fetch() { return new Response("1"); } };\n',
    }));
    shop.land({});
  });

  afterAll(async () => {
    expect(existsSync(join(shop.stateDir, 'deployed'))).toBe(false);
    await api.close();
    removeRepositories();
  });

  it('from a fork is validated, reaches no runner of one’s own, no secret and no comment', async () => {
    const deploy = readFileSync(join(shop.desk.path, deployWorkflow), 'utf8');
    const run = await shop.pullRequest(
      {
        // Its own code runs in the tests of workers; and it would like to be deployed.
        'package.json': tests(`env >${shop.stateDir}/seen`),
        [deployWorkflow]: deploy.replace('\n  push:', '\n  pull_request:\n  push:'),
        'services/front/README.md': 'Mine now.\n',
        'services/page/src/index.js': 'export default { fetch() { return new Response("2"); } };\n',
      },
      { ...options, from: 'mallory/shop' },
    );
    expect(jobs(run)).toEqual([
      'launch: success',
      'plan: success',
      'test-workers: success',
      'validate: success',
    ]);
    expect(step(run, 'Validate changed services')).toBe('success');
    const seen = readFileSync(join(shop.stateDir, 'seen'), 'utf8');
    expect(seen).toContain('GITHUB_EVENT_NAME=pull_request\n');
    for (const value of ['the-secret-of-the-target', secrets.GITHUB_TOKEN]) {
      expect(seen).not.toContain(value);
      expect(run.log).not.toContain(value);
    }
    // Nothing is written anywhere, so that a token that only reads is enough.
    expect(api.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
    expect(api.requests.filter(({ path }) => /comments|pulls|deployments/.test(path))).toEqual([]);
  });

  it('in a merge queue has its required check, and no comment', async () => {
    const files = { 'services/front/README.md': 'A better part.\n' };
    const run = await shop.mergeGroup(files, options);
    expect(jobs(run)).toEqual(['launch: success', 'validate: success']);
    expect(step(run, 'Validate changed services')).toBe('success');
    expect(run.log).toContain('front');
    expect(run.exitCode).toBe(0);
    const bad = await shop.mergeGroup({ 'services/front/service.yml': 'targett: homelab\n' }, options);
    expect(jobs(bad)).toEqual(['launch: failure', 'validate: failure']);
  });

  it('has its comment in the form for repositories of other owners, too', async () => {
    const pull = servePullRequest(api, {
      repository: 'acme/shop',
      number: 4,
      head: () => shop.desk.git('rev-parse', 'change-4').trim(),
    });
    const standalone = forAct(readFileSync(join(ROOT, 'workflows/launch-pr-standalone.yml'), 'utf8'));
    const run = await shop.pullRequest(
      { '.github/workflows/launch-pr.yml': standalone, 'services/front/README.md': 'Another part.\n' },
      options,
    );
    expect(jobs(run)).toEqual(['comment: success', 'launch: success', 'validate: success']);
    expect(pull.comments.map(({ body }) => body)).toEqual([
      expect.stringMatching(/^<!-- launch:plan -->\n.*To deploy.*>front</s),
    ]);
  });
});
