// `launch doctor --targets`, held against a GitHub that checks what it is asked.
import { afterAll, afterEach, expect, it } from '@jest/globals';
import { type FakeGitHub, paged, startFakeGitHub } from '../../support/github-api.ts';
import { launch } from '../../support/launch-command.ts';
import { createRepository, removeRepositories } from '../../support/repository.ts';
import { requireTools } from '../../support/tools.ts';

let api: FakeGitHub | undefined;
afterEach(async () => await api?.close());
afterAll(removeRepositories);

function shop() {
  const repository = createRepository();
  repository.commit({
    'launch.yml': [
      'targets:',
      '  homelab: { runs-on: [self-hosted, homelab] }',
      '  aws: { runs-on: [self-hosted, AWS], environment: prod }',
      '  edge: { runs-on: ubuntu-latest, environment: gone }',
      '  old: { runs-on: [self-hosted, old] }',
      '',
    ].join('\n'),
    'services/web/deploy.sh': 'x',
    'services/web/service.yml': 'targets: { homelab: {}, aws: {} }\n',
    'services/api/deploy.sh': 'x',
    'services/api/service.yml': 'target: edge\n',
  });
  repository.git('remote', 'add', 'origin', 'https://github.com/octo/shop.git');
  return repository;
}

const runner = (name: string, status: string, ...labels: string[]) => ({
  id: 1,
  name,
  os: 'linux',
  status,
  busy: name === 'cloud',
  labels: labels.map((label) => ({ name: label, type: 'custom' })),
});

interface Report {
  readonly healthy: boolean;
  readonly targets: readonly Record<string, unknown>[];
  readonly findings: readonly { readonly subject: string; readonly state: string; readonly detail: string }[];
}

async function doctor(env: NodeJS.ProcessEnv) {
  const run = await launch(['doctor', '--targets', '--json'], {
    cwd: shop().path,
    env: { NODE_OPTIONS: '', ...env },
  });
  expect(run.stdout + run.stderr).not.toContain('test-token');
  const json = run.json() as Report;
  const states = Object.fromEntries(json.findings.map((it) => [it.subject, `${it.state}: ${it.detail}`]));
  return { exitCode: run.exitCode, json, states };
}

requireTools('node24')('launch doctor --targets', () => {
  it('tells of each target who uses it, who would run it, and whether its environment is there', async () => {
    api = await startFakeGitHub();
    // Two pages of the repository's own, of which the second has the one that counts.
    const others = Array.from({ length: 100 }, (_, index) => runner(`other-${index}`, 'offline', 'x'));
    api.on(
      'GET /repos/octo/shop/actions/runners',
      paged([...others, runner('lab', 'offline', 'self-hosted', 'homelab')], 'runners'),
    );
    api.on(
      'GET /orgs/octo/actions/runners',
      paged([runner('cloud', 'online', 'self-hosted', 'aws')], 'runners'),
    );
    api.on('GET /repos/octo/shop', () => ({ body: { full_name: 'octo/shop' } }));
    api.on('GET /repos/octo/shop/environments/prod', () => ({ body: { name: 'prod' } }));
    api.on('GET /repos/octo/shop/environments/gone', () => ({ status: 404, body: { message: 'Not Found' } }));
    const { exitCode, json, states } = await doctor({ GH_TOKEN: api.token, GITHUB_API_URL: api.url });
    expect(exitCode).toBe(1);
    expect(api.refused).toEqual([]);
    expect(states).toEqual({
      'target homelab': 'failed: self-hosted, homelab; used by web; lab offline',
      'target aws':
        'ok: self-hosted, AWS; used by web; cloud online, but busy; written otherwise at the runner: AWS',
      'target edge': 'ok: ubuntu-latest; used by api; not checked, it is a runner of GitHub',
      'target old': 'warning: self-hosted, old; used by no service; no runner has all of these labels',
      'environment prod': 'ok: of aws; is there',
      'environment gone': 'failed: of edge; is not there',
    });
    expect(json.healthy).toBe(false);
    expect(json.targets[1]).toEqual({
      target: 'aws',
      labels: ['self-hosted', 'AWS'],
      services: ['web'],
      runners: [{ name: 'cloud', online: true, busy: true }],
      environment: { name: 'prod', state: 'there' },
    });
  });

  it('says what it could not check, and fails for nothing that it does not know', async () => {
    const none = await doctor({ GITHUB_TOKEN: '', GH_TOKEN: '' });
    expect(none.exitCode).toBe(0);
    expect(none.states['runners and environments']).toBe('warning: not checked: there is no token');
    expect(none.json.targets[0]).toMatchObject({ runners: null, environment: null });

    api = await startFakeGitHub();
    for (const path of ['/repos/octo/shop/actions/runners', '/repos/octo/shop']) {
      api.on(`GET ${path}`, () => ({ status: 403, body: { message: 'Resource not accessible' } }));
    }
    const refused = await doctor({ GITHUB_TOKEN: api.token, GITHUB_API_URL: api.url });
    expect(refused.exitCode).toBe(0);
    expect(refused.states).toMatchObject({
      'target homelab': expect.stringMatching(/^ok: .*its runners were not checked/),
      runners: expect.stringMatching(/^warning: not checked: GitHub answered 403/),
      environments: 'warning: not all of them could be checked',
      'environment prod': 'ok: of aws; not checked',
    });
  });
});
