// The action as it ships: dist/ in a process of its own, with the files and variables of a runner.
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type FakeGitHub, paged, startFakeGitHub } from '../../support/github-api.ts';
import {
  createRepository,
  hermeticGitEnv,
  type Repository,
  removeRepositories,
} from '../../support/repository.ts';
import { runAction } from '../../support/run-action.ts';
import { requireTools } from '../../support/tools.ts';

const describe = requireTools('node24');

let desk: Repository;
let origin: Repository;
let start: string;
let api: FakeGitHub;

beforeAll(async () => {
  api = await startFakeGitHub();
  desk = createRepository();
  start = desk.commit({
    'services/api/deploy.sh': 'x',
    'services/old/deploy.sh': 'x',
    'services/web/deploy.sh': 'x',
  });
  desk.commit({ 'services/web/::error::<b>': 'x', 'services/old': null });
  origin = desk.bareOrigin();
});
afterAll(async () => {
  await api.close();
  removeRepositories();
});

/** The environment of a push to main, in a depth-1 checkout. */
function pushRun(more: Record<string, string> = {}) {
  const { GIT_CONFIG_NOSYSTEM, GIT_CONFIG_GLOBAL } = hermeticGitEnv();
  return {
    cwd: origin.clone({ ref: 'main', depth: 1 }).path,
    event: { before: start, repository: { default_branch: 'main' } },
    env: {
      GITHUB_REF: 'refs/heads/main',
      GITHUB_SHA: desk.id(),
      GITHUB_RUN_ID: '100',
      GITHUB_WORKFLOW_REF: 'octo/shop/.github/workflows/deploy.yml@refs/heads/main',
      GIT_CONFIG_NOSYSTEM,
      GIT_CONFIG_GLOBAL,
      ...more,
    },
  };
}

describe('the action detect-changed-services', () => {
  it('writes every output, a summary, and no warning', async () => {
    const run = await runAction('detect-changed-services', { ...pushRun(), inputs: { since: 'event' } });
    expect(run.exitCode).toBe(0);
    const { reasons, ...outputs } = run.outputs;
    expect(outputs).toEqual({
      services: '["web"]',
      deleted: '["old"]',
      removals: '{"first":{"include":[]},"last":{"include":[]}}',
      stranded: '[]',
      any: 'true',
      count: '1',
      base: start,
      head: desk.id(),
    });
    expect(JSON.parse(reasons ?? '')).toEqual({
      web: [
        {
          kind: 'files',
          text: 'services/web/::error::<b> added',
          files: ['services/web/::error::<b>'],
          count: 1,
        },
      ],
    });
    expect(run.annotations).toEqual([]);
    expect(run.summary).toContain('1 of 2 services changed');
    expect(run.summary).not.toContain('<b>');
  });

  it('asks GitHub with its token which run deployed last', async () => {
    const last = { id: 9, head_sha: start, status: 'completed', conclusion: 'success', event: 'push' };
    api.on('GET /repos/octo/shop/actions/workflows/deploy.yml/runs', paged([last], 'workflow_runs'));
    api.on(
      'GET /repos/octo/shop/actions/runs/9/jobs',
      paged([{ name: 'Deploy', conclusion: 'success' }], 'jobs'),
    );
    const env = { GITHUB_API_URL: api.url, GITHUB_TOKEN: api.token };
    const run = await runAction('detect-changed-services', pushRun(env));
    expect(run).toMatchObject({
      exitCode: 0,
      outputs: { services: '["web"]', base: start },
      annotations: [],
    });
    expect(api.refused).toEqual([]);
    expect(api.requests).toHaveLength(2);
  });

  it('goes on without a token or an API, with a warning', async () => {
    const without = await runAction('detect-changed-services', pushRun());
    expect(without).toMatchObject({ exitCode: 0, outputs: { services: '["web"]', base: start } });
    expect(without.annotations).toMatchObject([
      { level: 'warning', message: expect.stringContaining('token') },
    ]);
    const down = await runAction('detect-changed-services', pushRun({ GITHUB_TOKEN: 'hush-hush' }));
    expect(down).toMatchObject({ exitCode: 0, outputs: { services: '["web"]', base: start } });
    expect(down.annotations).toHaveLength(1);
    expect(`${down.stdout}${down.stderr}${down.summary}`).not.toContain('hush-hush');
  });

  it('takes names, a list or all instead', async () => {
    for (const [services, expected] of [
      ['api, web', '["api","web"]'],
      ['["web"]', '["web"]'],
      ['all', '["api","web"]'],
      ['[]', '[]'],
    ] as const) {
      const run = await runAction('detect-changed-services', { ...pushRun(), inputs: { services } });
      expect(run).toMatchObject({ exitCode: 0, outputs: { services: expected, base: '' } });
    }
  });

  it('fails in one paragraph for what is not there', async () => {
    for (const [inputs, code] of [
      [{ services: 'wep' }, 'SERVICE_NOT_FOUND'],
      [{ since: 'yesterday' }, 'CONFIG_INVALID'],
      [{ 'working-directory': 'nowhere' }, 'CONFIG_INVALID'],
      [{ config: '../launch.yml' }, 'CONFIG_INVALID'],
    ] as const) {
      const run = await runAction('detect-changed-services', { ...pushRun(), inputs });
      expect(run).toMatchObject({ exitCode: 1, outputs: {}, annotations: [{ level: 'error', title: code }] });
      expect(run.annotations).toHaveLength(1);
    }
  });
});
