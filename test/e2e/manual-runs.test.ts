// What a person starts by hand: a chosen commit, what is frozen, a list of releases, and a target without a runner.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { type ActResult, failureOf } from '../support/act.ts';
import { type FakeGitHub, paged, startFakeGitHub } from '../support/github-api.ts';
import { launch } from '../support/launch-command.ts';
import { type Files, removeRepositories } from '../support/repository.ts';
import { openShop, type Shop, starter } from '../support/shop.ts';
import { requireTools } from '../support/tools.ts';

jest.setTimeout(180_000);

const suite = requireTools('act', 'flock', 'node24');

/** A service that a script deploys; it writes down what it is. */
const scripted = (name: string, stateDir: string, version: string, settings = ''): Files => ({
  [`services/${name}/README.md`]: 'A part.\n',
  [`services/${name}/service.yml`]: `driver: script\n${settings}`,
  [`services/${name}/deploy.sh`]: {
    executable: `#!/usr/bin/env bash\nset -euo pipefail\necho ${name} ${version} >>${stateDir}/ran\n`,
  },
  [`services/${name}/health-check.sh`]: { executable: '#!/usr/bin/env bash\nexit 0\n' },
});

/** With a test's releases kept out of the machine's own. */
function rollbackStarter(stateDir: string): Files {
  const files = Object.entries(starter('launch-rollback.yml')).map(([path, text]) => [
    path,
    String(text).replace(/^( *)operation: \$\{\{.*$/m, `$&\n$1state-dir: ${stateDir}`),
  ]);
  return Object.fromEntries(files);
}

suite('runs by hand', () => {
  let shop: Shop;
  let api: FakeGitHub;
  let first = '';
  let stray = '';

  beforeAll(async () => {
    api = await startFakeGitHub();
    const runner = (name: string, status: string) => ({
      name,
      status,
      busy: false,
      labels: ['self-hosted', name].map((label) => ({ name: label })),
    });
    api.on(
      'GET /repos/acme/shop/actions/runners',
      paged([runner('homelab', 'online'), runner('aws', 'offline')], 'runners'),
    );
    api.on('GET /orgs/acme/actions/runners', paged([], 'runners'));
    shop = openShop(({ stateDir }) => ({
      ...rollbackStarter(stateDir),
      'launch.yml':
        'targets:\n  homelab: { runs-on: [self-hosted, homelab] }\n  aws: { runs-on: [self-hosted, aws] }\ndefaults: { target: homelab }\n',
      ...scripted('web', stateDir, '1'),
      ...scripted('api', stateDir, '1', 'depends-on: [db]\n'),
      ...scripted('db', stateDir, '1', 'targets: { aws: { env: { SIZE: big } } }\n'),
    }));
    shop.land({});
    first = shop.desk.id();
    shop.desk.branch('stray');
    stray = shop.desk.commit(scripted('web', shop.stateDir, 'stray'));
    shop.desk.git('push', '--quiet', 'origin', `${stray}:refs/pull/9/head`);
    shop.desk.checkout('main');
    shop.land(scripted('web', shop.stateDir, '2'));
  });

  afterAll(async () => {
    await api?.close();
    removeRepositories();
  });

  const ran = () => readFileSync(join(shop.stateDir, 'ran'), 'utf8').trim().split('\n');
  const jobs = (run: ActResult) =>
    run.jobs.map(({ id, matrix, result }) => [id, matrix['service'] || '-', result].join(' ')).sort();
  const deploy = async (inputs: Readonly<Record<string, string>>, secrets = {}) =>
    await shop.dispatch('launch-deploy.yml', inputs, {
      secrets,
      env: { GITHUB_API_URL: api.url, GITHUB_ACTOR: 'ann' },
    });
  const here = (...args: string[]) =>
    launch([...args, '--state-dir', shop.stateDir, '--repository', 'acme/shop', '--target', 'homelab'], {
      cwd: shop.desk.path,
      env: { NODE_OPTIONS: '' },
    });

  it('deploy a commit of this branch, and none of a fork', async () => {
    const newest = await deploy({ services: 'web' });
    expect(failureOf(newest)).toBe('');
    // Its history is not in the checkout; it is older than what serves, and meant.
    const older = await deploy({ services: 'web', commit: first.slice(0, 10) });
    expect(failureOf(older)).toBe('');
    expect(ran()).toEqual(['web 2', 'web 1']);
    const history = (await here('history', 'web', '--json')).json();
    expect(history).toMatchObject({
      deployments: [
        { commit: first, trigger: { event: 'workflow_dispatch', chosen: true }, run: expect.any(String) },
        { trigger: { event: 'workflow_dispatch' } },
      ],
    });
    const evil = await deploy({ services: 'web', commit: stray, force: 'true' });
    expect(evil.exitCode).not.toBe(0);
    expect(jobs(evil)).toEqual(['plan - failure']);
    expect(evil.log).toMatch(/UNTRUSTED_EVENT.*is not part of the history/);
    expect(ran()).toHaveLength(2);
  });

  it('leave a frozen service alone unless they are forced', async () => {
    const froze = await here('freeze', 'web', '--reason', 'the week-end', '--strict');
    expect(froze.exitCode).toBe(0);
    const left = await deploy({ services: 'web' });
    expect(failureOf(left)).toBe('');
    expect(left.log).toMatch(
      /"web" on "homelab" is frozen by .*: the week-end\. This commit touches the service/,
    );
    expect(ran()).toHaveLength(2);
    const forced = await deploy({ services: 'web', force: 'true' });
    expect(failureOf(forced)).toBe('');
    expect(ran().at(-1)).toBe('web 2');
  });

  it('list what can be gone back to, and go there', async () => {
    const options = { env: { GITHUB_API_URL: api.url } };
    const listed = await shop.dispatch('launch-rollback.yml', { service: 'web', operation: 'list' }, options);
    expect(failureOf(listed)).toBe('');
    const rows = listed.log.split('\n').filter((line) => /^\| .*<code>\d{8}T/.test(line));
    expect(rows).toEqual([
      expect.stringMatching(/^\| \*\*serves\*\* .* deployed .*\/actions\/runs\/.* by hand, forced \|/),
      expect.stringMatching(new RegExp(`^\\| kept .*${first.slice(0, 12)}.* by hand, commit chosen \\|`)),
      expect.stringMatching(/^\| kept .* by hand \|/),
    ]);
    expect(ran()).toHaveLength(3);
    const release = /<code>(\S+)<\/code>/.exec(rows[1] ?? '')?.[1] ?? '';
    const back = await shop.dispatch('launch-rollback.yml', { service: 'web', release }, options);
    expect(failureOf(back)).toBe('');
    expect(ran().at(-1)).toBe('web 1');
  });

  it('do not wait for a runner that is off', async () => {
    const run = await deploy({ services: 'all' }, { LAUNCH_RUNNERS_TOKEN: api.token });
    expect(run.exitCode).not.toBe(0);
    expect(jobs(run)).toEqual(['plan - success', 'unreachable - failure', 'wave-1 web success']);
    expect(run.log).toMatch(/::error title=No runner for aws::Not deployed: db\..*aws offline/);
    expect(run.log).toMatch(/::warning::api is not deployed to homelab\. It depends on "db"/);
    expect(api.refused).toEqual([]);
    expect(run.log).not.toContain(api.token);
  });
});
