import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import type { ActResult } from '../support/act.ts';
import { type Files, removeRepositories } from '../support/repository.ts';
import { deployWorkflow, openShop, type Shop } from '../support/shop.ts';
import { requireTools } from '../support/tools.ts';

jest.setTimeout(180_000);

const suite = requireTools('act', 'node24');

const script = (text: string) => ({ executable: `#!/usr/bin/env bash\nset -euo pipefail\n${text}\n` });

suite('a pull request', () => {
  let shop: Shop;
  const files = ({ stateDir }: { stateDir: string }): Files => ({
    'launch.yml': 'targets:\n  homelab: { runs-on: [self-hosted, homelab] }\n',
    ...Object.fromEntries(
      ['front', 'api'].flatMap((name) => [
        [`services/${name}/README.md`, 'A service.\n'],
        [`services/${name}/service.yml`, 'secrets: [TOKEN]\n'],
        [`services/${name}/deploy.sh`, script(`echo deployed >>${stateDir}/deployed`)],
        [`services/${name}/health-check.sh`, script('exit 0')],
      ]),
    ),
  });
  const jobs = (run: ActResult) => run.jobs.map(({ id, result }) => `${id}: ${result}`);
  const step = (run: ActResult, name: string) =>
    run.jobs.flatMap(({ steps }) => steps).find((it) => it.name === name)?.result;

  beforeAll(() => {
    shop = openShop(files);
    shop.land({});
  });

  afterAll(() => {
    expect(existsSync(join(shop.stateDir, 'deployed'))).toBe(false);
    removeRepositories();
  });

  it('is validated, shown what merging would deploy, and deploys nothing', async () => {
    const run = await shop.pullRequest({ 'services/front/README.md': 'A better service.\n' });
    expect(jobs(run)).toEqual(['validate: success', 'launch: success']);
    expect(step(run, 'Validate changed services')).toBe('success');
    expect(step(run, 'Show what merging does')).toBe('success');
    expect(run.log).toContain('wave 1: front → homelab');
    expect(run.log).not.toContain('wave 1: api');
    expect(run.exitCode).toBe(0);
  });

  it('fails its one required check when it breaks a service, at the line that is wrong', async () => {
    const run = await shop.pullRequest({
      'services/api/service.yml': 'secrets: [TOKEN]\ntargett: homelab\n',
    });
    expect(jobs(run)).toEqual(['validate: failure', 'launch: failure']);
    expect(run.log).toMatch(/::error [^\n]*file=services\/api\/service\.yml,line=2[^\n]*::[^\n]*targett/);
    // By its end, not by what it prints: act loses the last lines of a step now and then.
    expect(step(run, 'Report one result')).toBe('failure');
    expect(run.exitCode).not.toBe(0);
  });

  it('has its required check also when it changes no service', async () => {
    const run = await shop.pullRequest({ 'README.md': 'Closed.\n' });
    expect(jobs(run)).toEqual(['validate: success', 'launch: success']);
    expect(step(run, 'Validate changed services')).toBeUndefined();
  });

  it('never deploys, even where it starts the deploy workflow itself', async () => {
    const deploy = readFileSync(join(shop.desk.path, deployWorkflow), 'utf8');
    const run = await shop.pullRequest(
      {
        [deployWorkflow]: deploy.replace('\n  push:', '\n  pull_request:\n  push:'),
        'services/front/README.md': 'Stolen.\n',
      },
      { secrets: { LAUNCH_SECRETS: 'TOKEN=1' }, workflow: 'launch-deploy.yml' },
    );
    expect(jobs(run)).toEqual(['plan: success']);
  });

  it('is stopped on the runner where it takes out the condition of the job as well', async () => {
    const standalone = readFileSync(join(shop.desk.path, deployWorkflow), 'utf8');
    expect(standalone).toContain('uses: org/launch/.github/workflows/deploy.yml@v1');
    const called = join(shop.launch, '.github/workflows/deploy.yml');
    const source = readFileSync(called, 'utf8');
    const open = source.replace(/contains\(fromJSON\('\["push"[^)]*\), github\.event_name\)/g, 'true');
    expect(open).not.toBe(source);
    const run = await shop.pullRequest(
      {
        [deployWorkflow]: open.replace(/^on:[\s\S]*?\npermissions:/m, 'on: pull_request\n\npermissions:'),
        'services/front/README.md': 'Stolen.\n',
      },
      {
        secrets: { LAUNCH_SECRETS: 'TOKEN=1' },
        vars: { LAUNCH_DEPLOY: 'yes' },
        workflow: 'launch-deploy.yml',
      },
    );
    expect(jobs(run)).toEqual(['plan: success', 'wave-1: failure']);
    expect(step(run, 'Assert that this event may deploy')).toBe('failure');
    // What the step says is tested in trust.test.ts: act may lose what a short step prints last.
    expect(step(run, 'Deploy')).toBeUndefined();
  });
});
