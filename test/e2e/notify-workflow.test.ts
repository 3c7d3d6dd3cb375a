// A push that breaks a service: the last job of the workflow tells why.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { failureOf, forAct } from '../support/act.ts';
import { complaints } from '../support/channel-schemas.ts';
import { type FakeGitHub, paged, startFakeGitHub } from '../support/github-api.ts';
import { closeServers } from '../support/local-server.ts';
import { script } from '../support/recorded-service.ts';
import { removeRepositories } from '../support/repository.ts';
import { deployWorkflow, openShop, type Shop, withStateDir } from '../support/shop.ts';
import { ROOT } from '../support/source-tree.ts';
import { requireTools } from '../support/tools.ts';
import { isSigned, type Receiver, webhookReceiver } from '../support/webhook-receiver.ts';

jest.setTimeout(180_000);

const secret = 'a-signing-secret-of-length';

requireTools(
  'act',
  'flock',
  'node24',
)('deploy.yml', () => {
  let shop: Shop;
  let api: FakeGitHub;
  let receiver: Receiver;

  beforeAll(async () => {
    api = await startFakeGitHub('the-token-of-the-job');
    receiver = await webhookReceiver();
    shop = openShop(() => ({
      'launch.yml':
        'targets: { homelab: { runs-on: [self-hosted, homelab] } }\ndefaults: { target: homelab }\n',
      'services/web/deploy.sh': script('exit 7'),
      'services/web/health-check.sh': script(':'),
    }));
    const path = 'workflows/launch-deploy.yml';
    shop.land({
      [deployWorkflow]: withStateDir(forAct(readFileSync(join(ROOT, path), 'utf8')), shop.stateDir),
    });
  });
  afterAll(async () => {
    closeServers();
    await api.close();
    removeRepositories();
  });

  const jobIds = (run: { readonly jobs: readonly { readonly id: string }[] }) =>
    run.jobs.map(({ id }) => id).sort();
  const channels = () =>
    JSON.stringify([{ type: 'webhook', name: 'Ops', url: `${receiver.url}/hook`, secret }]);

  it('delivers the reason of a deployment that failed, with the run as red as without it', async () => {
    const listed = [
      { id: 11, name: 'Launch / Plan', status: 'completed', conclusion: 'success' },
      { id: 12, name: 'Launch / Deploy web to homelab', status: 'completed', conclusion: 'failure' },
      { id: 13, name: 'Launch / Notify', status: 'in_progress', conclusion: null },
    ];
    api.on('GET /repos/acme/shop/actions/runs/*/attempts/*/jobs', paged(listed, 'jobs'));
    api.on('GET /repos/acme/shop/actions/runs/*/attempts/*', () => ({
      body: { run_started_at: new Date(Date.now() - 5000).toISOString() },
    }));
    api.on('GET /repos/acme/shop/check-runs/12/annotations', () => ({
      body: [{ annotation_level: 'failure', title: 'DEPLOY_FAILED', message: 'deploy.sh ended with 7.' }],
    }));
    const run = await shop.push(
      { 'services/web/README.md': 'Broken.\n' },
      { env: { GITHUB_API_URL: api.url }, secrets: { GITHUB_TOKEN: api.token, LAUNCH_NOTIFY: channels() } },
    );
    expect(run.jobs.map(({ id, result }) => [id, result])).toEqual(
      expect.arrayContaining([
        ['wave-1', 'failure'],
        ['notify', 'success'],
      ]),
    );
    expect(run.exitCode).toBe(1);
    expect(receiver.received).toHaveLength(1);
    const [message] = receiver.received;
    expect(message === undefined ? '' : isSigned(message, secret)).toBe(true);
    expect(complaints('webhook', message?.body)).toEqual([]);
    expect(message?.body).toMatchObject({
      status: 'failure',
      title: 'Deploy',
      repository: 'acme/shop',
      commit: shop.desk.id(),
      services: [
        {
          service: 'web',
          target: 'homelab',
          outcome: 'failed',
          reasons: [{ code: 'DEPLOY_FAILED', message: 'deploy.sh ended with 7.' }],
        },
      ],
      jobs: [],
    });
    expect(run.log).not.toContain('/hook');
    expect(run.log).not.toContain(secret);
  });

  it('starts no such job when nobody wants to be told', async () => {
    const run = await shop.push({ 'services/web/deploy.sh': script(':') });
    expect(failureOf(run)).toBe('');
    expect(jobIds(run)).toEqual(['plan', 'wave-1']);
  });
});
