// The action verify-workers as it ships, against a stand-in for Cloudflare that checks what it is sent.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { githubClient } from '../../src/adapters/github/client.ts';
import { deploymentRecords } from '../../src/adapters/github/deployments.ts';
import { cloudflareForEachTest } from '../support/cloudflare-api/for-each-test.ts';
import type { Version } from '../support/cloudflare-api/worker-state.ts';
import { startFakeGitHub } from '../support/github-api.ts';
import { serveDeployments } from '../support/github-deployments.ts';
import { answerOf, placeVersion } from '../support/placed-workers.ts';
import { createRepository, removeRepositories, temporaryFolder } from '../support/repository.ts';
import { type ActionResult, runAction } from '../support/run-action.ts';

const fake = cloudflareForEachTest();
afterAll(removeRepositories);

const key = 'key-8c1d"$HOME"-0123';
const e2e = `const urls = JSON.parse(process.env.WORKER_URLS);
console.log('testing', Object.keys(urls).join(' '), 'with', process.env.TEST_API_KEY);
for (const [name, url] of Object.entries(urls)) {
  const text = await (await fetch(url)).text();
  if (text.includes('broken')) throw new Error(name + ' says ' + text);
}
`;
const repository = createRepository();
repository.commit({
  'launch.yml':
    'targets:\n  edge: { runs-on: ubuntu-latest, driver: worker, secret-prefix: EDGE_, environment: production }\n',
  'package.json': '{ "name": "shop", "private": true, "scripts": { "test:e2e": "node e2e.mjs" } }\n',
  'e2e.mjs': e2e,
  ...Object.fromEntries(
    ['limiter', 'api', 'never'].map((name) => [
      `services/${name}/wrangler.jsonc`,
      JSON.stringify({ name, main: 'index.js', compatibility_date: '2026-11-01', env: { production: {} } }),
    ]),
  ),
});

interface Noted {
  readonly service: string;
  readonly status?: string;
  readonly version?: Version | undefined;
  readonly previous?: Version | undefined;
}

/** What the deploy jobs of a run have noted, as download-artifact lays it out. */
function notes(...noted: readonly Noted[]): string {
  const folder = temporaryFolder('launch-notes-');
  for (const { service, status = 'deployed', version, previous } of noted) {
    const artifact = join(folder, `launch-worker-edge.${service}.1`);
    mkdirSync(artifact);
    const outputs = {
      status,
      urls: JSON.stringify({ [service]: fake.workerUrl(`${service}-production`) }),
      'version-id': version?.id ?? '',
      'previous-version-id': previous?.id ?? '',
    };
    const note = { services: [service], target: 'edge', attempt: '1', outputs };
    writeFileSync(join(artifact, 'launch-worker.json'), JSON.stringify(note));
  }
  return folder;
}

async function verify(
  folder: string,
  inputs: Record<string, string> = {},
  env: Record<string, string> = {},
): Promise<ActionResult> {
  const secrets = {
    CLOUDFLARE_API_TOKEN: 'another-token-of-nobody',
    EDGE_CLOUDFLARE_API_TOKEN: fake.token,
    CLOUDFLARE_ACCOUNT_ID: fake.accountId,
    TEST_API_KEY: key,
  };
  return await runAction('verify-workers', {
    cwd: repository.path,
    env: { CLOUDFLARE_API_BASE_URL: fake.url, ...env },
    inputs: {
      workers: '["limiter","api"]',
      target: 'edge',
      notes: folder,
      secrets: JSON.stringify(secrets),
      ...inputs,
    },
  });
}

/** Both workers are at their second version, deployed by the run. */
function deployed(apiText = 'api 2'): string {
  const place = (service: string, text: string): Noted => {
    const previous = placeVersion(fake, `${service}-production`, `${service} 1`);
    return { service, previous, version: placeVersion(fake, `${service}-production`, text) };
  };
  return notes(place('limiter', 'limiter 2'), place('api', apiText));
}

const told = (run: ActionResult) => run.stdout + run.stderr + run.summary + JSON.stringify(run.outputs);
const answers = async () => [
  await answerOf(fake, 'limiter-production'),
  await answerOf(fake, 'api-production'),
];
const changes = () => fake.requests.filter(({ method }) => method !== 'GET');

describe('the action verify-workers', () => {
  it('runs the tests against the live URLs, and leaves the workers when they pass', async () => {
    const run = await verify(deployed());
    expect(run).toMatchObject({
      exitCode: 0,
      outputs: { verified: 'true', 'taken-back': '[]', left: '[]' },
      annotations: [],
    });
    expect(run.stdout).toContain('testing limiter api with ');
    expect(run.masks).toEqual(expect.arrayContaining([key, fake.token]));
    expect(JSON.parse(run.outputs['urls'] ?? '')).toEqual({
      limiter: fake.workerUrl('limiter-production'),
      api: fake.workerUrl('api-production'),
    });
    expect(run.summary).toContain('Verified: workers of edge');
    expect(changes()).toEqual([]);
  });

  it('tests with the target’s other workers, which it neither deployed nor takes back', async () => {
    placeVersion(fake, 'limiter-production', 'limiter 1');
    const previous = placeVersion(fake, 'api-production', 'api 1');
    const version = placeVersion(fake, 'api-production', 'api 2 is broken');
    const folder = notes({ service: 'api', version, previous });
    const run = await verify(folder, { workers: '["api"]' });
    expect(run.stdout).toContain('testing limiter api with ');
    expect(run).toMatchObject({ exitCode: 1, outputs: { 'taken-back': '["api"]', left: '[]' } });
    expect(await answers()).toEqual(['limiter 1', 'api 1']);
    // There are files of one that was never deployed.
    expect(run.outputs['urls']).not.toContain('never');
  });

  it('takes every worker of the run back when they fail, the last one first', async () => {
    const run = await verify(deployed('api 2 is broken'));
    expect(run).toMatchObject({
      exitCode: 1,
      outputs: { verified: 'false', 'taken-back': '["api","limiter"]', left: '[]' },
    });
    expect(run.annotations).toContainEqual(
      expect.objectContaining({
        title: 'HEALTH_FAILED',
        message: expect.stringMatching(/npm run test:e2e .*exit status 1\. Taken back: api .*limiter/),
      }),
    );
    expect(run.summary).toContain('api says api 2 is broken');
    expect(await answers()).toEqual(['limiter 1', 'api 1']);
    expect(told(run).replace(/::add-mask::.*/g, '')).not.toContain(fake.token);
    expect(run.summary).not.toContain(key);
  });

  it('has GitHub’s records say so, as far as this run has made them', async () => {
    const github = await startFakeGitHub('a-token-of-the-job');
    try {
      const records = serveDeployments(github);
      const made = deploymentRecords(githubClient({ apiUrl: github.url, token: github.token }), 'octo/shop');
      const signal = AbortSignal.timeout(10_000);
      const record = async (service: string, release: string, run: number) => {
        const commit = 'c'.repeat(40);
        const id = await made.create({ task: 'deploy', service, target: 'edge', release, commit }, signal);
        const logUrl = `https://github.com/octo/shop/actions/runs/${run}/attempts/1`;
        await made.setStatus(id, { state: 'success', description: release, logUrl }, signal);
      };
      await record('api', 'api 1', 7);
      await record('api', 'api 2', 1);
      await record('limiter', 'limiter 1', 7);
      const run = await verify(
        deployed('api 2 is broken'),
        { token: github.token },
        { GITHUB_API_URL: github.url },
      );
      expect(run.outputs['taken-back']).toBe('["api","limiter"]');
      expect(records.states()).toEqual([
        'edge/api: success, inactive, success',
        'edge/api: success, failure',
        'edge/limiter: success',
      ]);
      expect(records.all[1]?.statuses.at(-1)?.log_url).toContain('/runs/1/');
      expect(github.refused).toEqual([]);
    } finally {
      await github.close();
    }
  });

  it('leaves what was not there before, and what somebody has deployed meanwhile', async () => {
    const limiter = placeVersion(fake, 'limiter-production', 'limiter 1');
    const previous = placeVersion(fake, 'api-production', 'api 1');
    const version = placeVersion(fake, 'api-production', 'api 2');
    placeVersion(fake, 'api-production', 'api 3 is broken');
    const folder = notes({ service: 'limiter', version: limiter }, { service: 'api', version, previous });
    const run = await verify(folder);
    expect(run).toMatchObject({ exitCode: 1, outputs: { 'taken-back': '[]', left: '["limiter"]' } });
    expect(run.annotations).toContainEqual(
      expect.objectContaining({
        title: 'ROLLBACK_FAILED',
        message: expect.stringContaining('limiter (it is new, so there is no version to go back to)'),
      }),
    );
    expect(await answers()).toEqual(['limiter 1', 'api 3 is broken']);
    expect(changes()).toEqual([]);
  });

  it('takes the others back where one could not be deployed and it is all or nothing', async () => {
    const previous = placeVersion(fake, 'limiter-production', 'limiter 1');
    const version = placeVersion(fake, 'limiter-production', 'limiter 2');
    placeVersion(fake, 'api-production', 'api 1');
    const folder = notes({ service: 'limiter', version, previous }, { service: 'api', status: 'failed' });
    const run = await verify(folder, { atomic: 'true' });
    expect(run).toMatchObject({ exitCode: 1, outputs: { verified: 'false', 'taken-back': '["limiter"]' } });
    expect(run.stdout).not.toContain('testing');
    expect(await answers()).toEqual(['limiter 1', 'api 1']);
  });

  it('fails when it is run again after it has taken the workers back', async () => {
    const folder = deployed('api 2 is broken');
    await verify(folder);
    const run = await verify(folder);
    expect(run.exitCode).toBe(1);
    expect(run.annotations).toContainEqual(expect.objectContaining({ title: 'SUPERSEDED' }));
    expect(run.stdout).not.toContain('testing');
  });

  it('takes the rest back where Cloudflare refuses one', async () => {
    const folder = deployed('api 2 is broken');
    fake.fail('POST /accounts/*/workers/scripts/api-production/deployments', 20, {
      status: 403,
      body: { success: false, errors: [{ code: 10_000, message: 'Authentication error' }], result: null },
    });
    const run = await verify(folder);
    expect(run).toMatchObject({ exitCode: 1, outputs: { 'taken-back': '["limiter"]', left: '["api"]' } });
    expect(await answers()).toEqual(['limiter 1', 'api 2 is broken']);
  });

  it('changes nothing where it can’t ask what serves', async () => {
    const folder = deployed();
    const run = await verify(folder, { 'api-token': 'not-the-token-of-this-account' });
    expect(run.exitCode).toBe(1);
    expect(run.annotations).toContainEqual(expect.objectContaining({ title: 'API_AUTH' }));
    expect(run.stdout).not.toContain('testing');
    expect(changes()).toEqual([]);
  });

  it('says that nothing was tested where there are no tests', async () => {
    repository.commit({ 'package.json': '{ "name": "shop" }\n' });
    const run = await verify(deployed());
    repository.git('revert', '--no-edit', 'HEAD');
    expect(run).toMatchObject({ exitCode: 0, outputs: { verified: '' } });
    expect(run.annotations).toContainEqual(
      expect.objectContaining({ level: 'warning', message: expect.stringContaining('untested') }),
    );
    expect(run.summary).toContain('Not tested');
  });

  it('never runs for a pull request', async () => {
    const run = await runAction('verify-workers', {
      cwd: repository.path,
      eventName: 'pull_request',
      inputs: { workers: '[]', target: 'edge', notes: '/nowhere' },
    });
    expect(run.exitCode).toBe(1);
    expect(run.annotations).toContainEqual(expect.objectContaining({ title: 'UNTRUSTED_EVENT' }));
  });
});
