import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRepository, removeRepositories } from '../support/repository.ts';
import { runAction } from '../support/run-action.ts';

const entry = (service: string) => ({ service, services: [service], target: 'homelab', wave: 1 });
const waves = JSON.stringify([
  { include: [entry('db'), entry('cache')] },
  { include: [entry('api'), entry('web')] },
]);

describe('hold-back-dependants', () => {
  let api: Server;
  let apiUrl = '';
  let answer: { status: number; body: string } = { status: 200, body: '' };
  /** Given before the answer. */
  let early: string[] = [];
  let requests: { url: string | undefined; token: string | undefined }[] = [];
  let workspace = '';

  beforeAll(async () => {
    api = createServer((request, response) => {
      requests.push({ url: request.url, token: request.headers.authorization });
      response.writeHead(answer.status, { 'content-type': 'application/json' });
      response.end(early.shift() ?? answer.body);
    });
    await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
    const bound = api.address();
    apiUrl = `http://127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`;
    const repository = createRepository();
    repository.commit({
      'services/db/deploy.sh': 'true\n',
      'services/cache/deploy.sh': 'true\n',
      'services/api/deploy.sh': 'true\n',
      'services/api/service.yml': 'depends-on: [db]\n',
      'services/web/deploy.sh': 'true\n',
      'services/web/service.yml': 'depends-on: [cache]\n',
    });
    workspace = repository.path;
  });

  afterAll(() => {
    api.close();
    removeRepositories();
  });

  const run = async (given: { status?: number; body: unknown; waves?: string }) => {
    requests = [];
    const body = typeof given.body === 'string' ? given.body : JSON.stringify(given.body);
    answer = { status: given.status ?? 200, body };
    return await runAction('hold-back-dependants', {
      cwd: workspace,
      inputs: { waves: given.waves ?? waves, token: 'ghs_token' },
      env: {
        GITHUB_API_URL: apiUrl,
        GITHUB_REPOSITORY: 'acme/shop',
        GITHUB_RUN_ID: '42',
        GITHUB_RUN_ATTEMPT: '3',
      },
    });
  };
  const job = (name: string, conclusion: string | null, status = 'completed') => ({
    name,
    status,
    conclusion,
  });

  it('takes out what depends on the job that failed, and says so', async () => {
    const result = await run({
      body: {
        jobs: [
          job('Launch / Deploy db to homelab', 'failure'),
          job('Launch / Deploy cache to homelab', 'success'),
          job('tests', null, 'in_progress'),
        ],
      },
    });
    expect(result.exitCode).toBe(0);
    expect(JSON.parse(result.outputs['waves'] ?? '')).toEqual([
      { include: [entry('db'), entry('cache')] },
      { include: [entry('web')] },
    ]);
    expect(result.outputs['held-back']).toBe('["api"]');
    expect(result.summary).toContain('| api | db, which failed |');
    expect(requests).toEqual([
      { url: '/repos/acme/shop/actions/runs/42/attempts/3/jobs?per_page=100', token: 'Bearer ghs_token' },
    ]);
    expect(result.stdout).not.toContain('ghs_token');
  });

  it('asks again while the list lags behind', async () => {
    const failure = job('Deploy db to homelab', 'failure');
    early = [
      { jobs: [job('Deploy db to homelab', null, 'in_progress'), job('Deploy cache to homelab', 'failure')] },
      { jobs: [] },
    ].map((body) => JSON.stringify(body));
    const result = await run({ body: { jobs: [failure, job('Deploy cache to homelab', 'failure')] } });
    expect(requests).toHaveLength(3);
    expect(result.outputs['held-back']).toBe('["api","web"]');
  });

  it.each(['failure', 'cancelled', 'timed_out', 'startup_failure'])('counts "%s" as failed', async (end) => {
    const result = await run({ body: { jobs: [job('Deploy cache to homelab', end)] } });
    expect(result.outputs['held-back']).toBe('["web"]');
  });

  it.each([
    ['lists no failed job', { body: { jobs: [job('Deploy db to homelab', 'success')] } }, 'API_ERROR'],
    ['answers with something else', { body: { message: 'hello' } }, 'API_ERROR'],
    ['refuses the token', { status: 403, body: { message: 'Resource not accessible' } }, 'API_AUTH'],
  ])('fails, with no waves to go on with, when GitHub %s', async (_what, given, code) => {
    const result = await run(given);
    expect(result.exitCode).toBe(1);
    expect(result.outputs['waves']).toBeUndefined();
    expect(result.annotations.map(({ title }) => title)).toEqual([code]);
  });

  it.each(['', '[', '{}', '[{"include":[{"service":1}]}]'])('refuses "%s" for waves', async (text) => {
    const result = await run({ body: { jobs: [] }, waves: text });
    expect(result.exitCode).toBe(1);
    expect(result.annotations[0]?.title).toBe('CONFIG_INVALID');
    expect(requests).toEqual([]);
  });
});
