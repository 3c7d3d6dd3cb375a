import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { makeCertificates } from '../../support/certificates.ts';
import { complaints } from '../../support/channel-schemas.ts';
import { type FakeGitHub, first, paged, startFakeGitHub } from '../../support/github-api.ts';
import { closeServers, freePort, tcpServer } from '../../support/local-server.ts';
import { closeMailReceivers, mailReceiver, partsOf } from '../../support/mail-receiver.ts';
import { type ActionRun, runAction } from '../../support/run-action.ts';
import { isSigned, webhookReceiver } from '../../support/webhook-receiver.ts';

const attempt = '/repos/octo/shop/actions/runs/7/attempts/1';
const jobsPage = 'https://github.com/octo/shop/actions/runs/7/job';
let api: FakeGitHub;
let folder: string;

beforeEach(async () => {
  api = await startFakeGitHub();
  folder = mkdtempSync(join(tmpdir(), 'launch-notify-'));
});
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  closeServers();
  closeMailReceivers();
  await api.close();
});

const job = (id: number, name: string, conclusion: string | null, more: object = {}) => ({
  ...{ id, name: `Launch / ${name}`, status: conclusion === null ? 'in_progress' : 'completed', conclusion },
  ...{ html_url: `${jobsPage}/${id}`, runner_name: `GitHub Actions ${id}` },
  ...{ started_at: '2026-11-22T10:00:00Z', completed_at: '2026-11-22T10:00:42Z', ...more },
});

/** A run that deployed one service and failed with another, in a workflow that has a job of its own besides. */
function serveRun(): void {
  const jobs = [
    job(1, 'Plan', 'success'),
    job(2, 'Deploy chat to homelab', 'success'),
    job(3, 'Deploy api to aws', 'failure'),
    job(4, 'Notify', null),
    { ...job(5, '', 'failure'), name: 'lint' },
  ];
  api.on(`GET ${attempt}/jobs`, first(1, { status: 502 }, paged(jobs, 'jobs')));
  api.on(`GET ${attempt}`, () => ({ body: { run_started_at: new Date(Date.now() - 90_000).toISOString() } }));
  api.on('GET /repos/octo/shop/check-runs/3/annotations', () => ({
    body: [
      { annotation_level: 'failure', title: '', message: 'Process completed with exit code 1.' },
      {
        annotation_level: 'failure',
        title: 'HEALTH_FAILED',
        message: 'It answered 503 for 120 s. @everyone',
      },
    ],
  }));
}

async function notify(run: ActionRun) {
  return await runAction('notify', {
    ...run,
    inputs: {
      details: '{"needs": {"plan": "success", "wave-1": "failure"}}',
      title: 'Deploy',
      ...run.inputs,
    },
    env: {
      GITHUB_API_URL: api.url,
      GITHUB_TOKEN: api.token,
      GITHUB_RUN_ID: '7',
      GITHUB_SHA: '1f3a9c27d0b4e6a8c1f3a9c27d0b4e6a8c1f3a9c',
      GITHUB_REF_NAME: 'main',
      GITHUB_TRIGGERING_ACTOR: 'hubot',
      RUNNER_NAME: 'GitHub Actions 4',
      ...run.env,
    },
  });
}

const secret = 'a-signing-secret-of-length';
const token = 'T0KENT0KENT0KENT0KENT0KE';

describe('the action', () => {
  it('tells every channel what went out where and why the rest failed, and no log what is a secret', async () => {
    serveRun();
    const { authority, valid } = makeCertificates();
    writeFileSync(join(folder, 'authority.pem'), authority);
    const web = await webhookReceiver();
    const login = { user: 'launch-user', password: 'pass/wörd' };
    const wrapped = await mailReceiver({ certificate: valid, secure: true, login });
    const upgraded = await mailReceiver({ certificate: valid, login });
    const mail = (scheme: string, port: number) => ({
      ...{ type: 'email', url: `${scheme}://launch-user:pass%2Fw%C3%B6rd@localhost:${port}` },
      ...{ from: 'launch@example.org', to: ['ops@example.org', 'dev@example.org'] },
    });
    const channels = [
      { type: 'slack', url: `${web.url}/services/${token}` },
      { type: 'discord', name: 'Team', url: `${web.url}/api/webhooks/${token}`, on: 'failure' },
      { type: 'webhook', url: `${web.url}/launch?key=${token}`, secret },
      mail('smtps', wrapped.port),
      mail('smtp', upgraded.port),
      { type: 'slack', url: `http://example.org/${token}` },
    ];

    const result = await notify({
      inputs: { channels: JSON.stringify(channels) },
      env: { RUNNER_DEBUG: '1', NODE_EXTRA_CA_CERTS: join(folder, 'authority.pem') },
    });

    expect([result.exitCode, result.stderr]).toEqual([0, '']);
    expect(JSON.parse(result.outputs['delivered'] ?? '')).toEqual([
      { channel: 'slack #1', type: 'slack', ok: true, status: 200 },
      { channel: 'Team', type: 'discord', ok: true, status: 200 },
      { channel: 'webhook #3', type: 'webhook', ok: true, status: 200 },
      { channel: 'email #4', type: 'email', ok: true, status: 250 },
      { channel: 'email #5', type: 'email', ok: true, status: 250 },
      {
        channel: 'slack #6',
        type: 'slack',
        ok: false,
        why: expect.stringContaining('"url" has to be an https://'),
      },
    ]);
    expect(result.annotations).toMatchObject([
      { level: 'warning', message: expect.stringContaining('slack #6') },
    ]);
    expect(api.refused).toEqual([]);
    expect(api.requests.map(({ path }) => path).filter((path) => path.includes('check-runs'))).toHaveLength(
      1,
    );

    const [slack, discord, webhook] = ['/services', '/api', '/launch'].map((path) =>
      web.received.filter((it) => it.path.startsWith(path)),
    );
    expect([slack?.length, discord?.length, webhook?.length]).toEqual([1, 1, 1]);
    expect(complaints('slack', slack?.[0]?.body)).toEqual([]);
    expect(complaints('discord', discord?.[0]?.body)).toEqual([]);
    expect(complaints('webhook', webhook?.[0]?.body)).toEqual([]);
    expect(webhook?.map((it) => [isSigned(it, secret), isSigned(it, `${secret}x`)])).toEqual([[true, false]]);
    expect(webhook?.[0]?.body).toMatchObject({
      status: 'partial',
      title: 'Deploy',
      repository: 'octo/shop',
      ref: 'main',
      actor: 'octocat',
      run_again_by: 'hubot',
      run: {
        id: '7',
        attempt: 1,
        event: 'push',
        url: 'https://github.com/octo/shop/actions/runs/7/attempts/1',
      },
      delivery: webhook?.[0]?.headers['x-launch-delivery'],
      services: [
        {
          service: 'chat',
          target: 'homelab',
          outcome: 'deployed',
          duration_ms: 42_000,
          log: `${jobsPage}/2`,
        },
        { service: 'api', outcome: 'failed', reasons: [{ code: 'HEALTH_FAILED' }] },
      ],
      jobs: [],
      notes: [],
    });
    expect(Number(/"duration_ms":(\d+)/.exec(webhook?.[0]?.text ?? '')?.[1])).toBeGreaterThanOrEqual(90_000);

    const mails = [...wrapped.received, ...upgraded.received];
    expect(mails).toMatchObject(
      Array(2).fill({ isSecure: true, user: 'launch-user', to: ['ops@example.org', 'dev@example.org'] }),
    );
    const [text, html] = partsOf(mails[0]?.text ?? '');
    expect(text).toContain(
      '- api on aws: failed, 42 s\n    HEALTH_FAILED: It answered 503 for 120 s. @everyone',
    );
    expect(html).toContain(`<a href="${jobsPage}/3">api on aws`);

    const told =
      result.stdout.replace(/^::add-mask::.*$/gm, '') + JSON.stringify(result.outputs) + result.summary;
    for (const hidden of [token, secret, 'pass/w', 'pass%2F', web.url, '/services', 'localhost']) {
      expect([hidden, told.includes(hidden)]).toEqual([hidden, false]);
    }
    const forms = [`${web.url}/services/${token}`, token, secret, login.password, 'pass%2Fw%C3%B6rd'];
    expect(result.masks).toEqual(expect.arrayContaining(forms));
    expect(result.commands[0]?.name).toBe('add-mask');
    expect(result.summary).toContain('| Team | <code>discord</code> | delivered |');
  });

  it('takes ten seconds at most whatever is dead, and those that live get the message', async () => {
    for (const path of [`${attempt}/jobs`, attempt]) api.on(`GET ${path}`, () => ({ hang: true }));
    const good = await webhookReceiver();
    const busy = await webhookReceiver((response) => response.writeHead(503).end());
    const endless = await webhookReceiver((response) => void response.writeHead(500).write('still '));
    const silent = await tcpServer(() => {});
    const mail = { type: 'email', from: 'launch@example.org', to: 'ops@example.org' };
    const channels = [
      { type: 'webhook', url: good.url, secret },
      { type: 'slack', url: busy.url },
      { type: 'discord', url: endless.url },
      { type: 'slack', url: `http://127.0.0.1:${silent.port}` },
      { type: 'slack', url: `http://127.0.0.1:${await freePort()}` },
      { ...mail, url: `smtp://127.0.0.1:${silent.port}` },
      { ...mail, url: `smtps://127.0.0.1:${silent.port}` },
    ];
    const result = await notify({ inputs: { channels: JSON.stringify(channels) } });
    expect([result.exitCode, result.stderr]).toEqual([0, '']);
    // A busy machine may be slow to start and end it.
    expect(result.durationMs).toBeLessThan(13_000);
    const delivered = JSON.parse(result.outputs['delivered'] ?? '') as { ok: boolean; why?: string }[];
    expect(delivered.map(({ ok }) => ok)).toEqual([true, ...Array(6).fill(false)]);
    expect(delivered.slice(1).filter(({ why }) => (why ?? '') === '')).toEqual([]);
    expect(result.annotations.filter(({ level }) => level === 'warning')).toHaveLength(6);
    expect(good.received.map(({ body }) => body)).toMatchObject([
      {
        status: 'failure',
        services: [],
        jobs: [{ job: 'wave-1', outcome: 'failed' }],
        notes: [
          'GitHub could not be asked what became of each service.',
          'The reason is in the log of the run.',
        ],
      },
    ]);
    expect(good.received.map((it) => isSigned(it, secret))).toEqual([true]);
  });

  it('says what it could not ask for, such as without the permission', async () => {
    serveRun();
    api.on('GET /repos/octo/shop/check-runs/3/annotations', () => ({
      status: 403,
      body: { message: 'Resource not accessible by integration' },
    }));
    const { url, received } = await webhookReceiver();
    const result = await notify({ inputs: { channels: JSON.stringify([{ type: 'webhook', url, secret }]) } });
    expect(result.exitCode).toBe(0);
    expect(result.stdout).toContain('Resource not accessible by integration');
    expect(received[0]?.body).toMatchObject({
      status: 'partial',
      notes: [
        'GitHub could not be asked for all the reasons; the run has them.',
        'The reason is in the log of the run.',
      ],
    });
  });

  it('asks nobody without a token, and tells those alone who want failures of failures', async () => {
    const { url, received } = await webhookReceiver();
    const one = { type: 'webhook', url, secret };
    const inputs = {
      ...{ channels: JSON.stringify([one, { ...one, on: 'failure' }]), status: 'success' },
      ...{ details: '{"facts": {"Version": "1.2", "Empty": ""}, "commit": "abc1234"}', token: '' },
    };
    const result = await notify({ inputs });
    expect(JSON.parse(result.outputs['delivered'] ?? '')).toHaveLength(1);
    expect(received.map(({ body }) => body)).toMatchObject([
      {
        status: 'success',
        commit: 'abc1234',
        facts: { Version: '1.2' },
        services: [],
        jobs: [],
        duration_ms: null,
      },
    ]);
    expect(api.requests).toEqual([]);
  });

  it('has nothing to do without channels, and says so', async () => {
    const result = await notify({});
    expect(result).toMatchObject({ exitCode: 0, outputs: { delivered: '[]' }, summary: '', annotations: [] });
    expect(result.stdout).toContain('No channels are given, so nobody is told.');
  });

  it('warns of a summary that can’t be written, and has its outputs all the same', async () => {
    const { url } = await webhookReceiver();
    const inputs = { channels: JSON.stringify([{ type: 'slack', url }]), token: '' };
    const result = await notify({ inputs, env: { GITHUB_STEP_SUMMARY: '/dev/full' } });
    expect([result.exitCode, result.outputs['delivered']]).toEqual([0, expect.stringContaining('"ok":true')]);
    expect(result.annotations).toMatchObject([
      { level: 'warning', message: expect.stringContaining('The job summary could not be written') },
    ]);
  });

  it('warns of channels that can’t be read, and hides the whole text', async () => {
    const result = await notify({ inputs: { channels: `- {type: slack, url: "https://x.example/${token}` } });
    expect(result.exitCode).toBe(0);
    expect(result.annotations).toMatchObject([
      {
        level: 'warning',
        message: 'The notification channel channels is wrong: The text is neither YAML nor JSON.',
      },
    ]);
    expect(result.stdout.replace(/^::add-mask::.*$/gm, '')).not.toContain(token);
  });

  it.each([
    ['status', 'great', 'It takes success, failure, partial, cancelled.'],
    ['details', '{', 'is no JSON'],
    ['channels', `- "${'x'.repeat(50_000)}"`, '48 KB'],
  ])('refuses a wrong %s', async (input, value, told) => {
    const result = await notify({ inputs: { [input]: value } });
    expect(result.exitCode).toBe(1);
    expect(result.annotations).toMatchObject([
      { level: 'error', title: 'CONFIG_INVALID', message: expect.stringContaining(told) },
    ]);
  });
});
