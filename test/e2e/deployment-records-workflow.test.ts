// The token's way through the workflows and the composite action.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { forAct } from '../support/act.ts';
import { type FakeGitHub, startFakeGitHub } from '../support/github-api.ts';
import { type ServedDeployments, serveDeployments } from '../support/github-deployments.ts';
import { script } from '../support/recorded-service.ts';
import { removeRepositories } from '../support/repository.ts';
import { deployWorkflow, openShop, type Shop, withStateDir } from '../support/shop.ts';
import { ROOT } from '../support/source-tree.ts';
import { requireTools } from '../support/tools.ts';

jest.setTimeout(180_000);

requireTools(
  'act',
  'flock',
  'node24',
)('the workflows', () => {
  let shop: Shop;
  let api: FakeGitHub;
  let records: ServedDeployments;

  beforeAll(async () => {
    api = await startFakeGitHub('the-token-of-the-job');
    records = serveDeployments(api, { repository: 'acme/shop' });
    shop = openShop(() => ({
      'launch.yml':
        'targets: { homelab: { runs-on: [self-hosted, homelab] } }\ndefaults: { target: homelab }\n',
      'services/web/README.md': 'A part.\n',
      'services/web/deploy.sh': script(':'),
      'services/web/health-check.sh': script(':'),
    }));
  });
  afterAll(async () => {
    await api.close();
    removeRepositories();
  });

  it.each(['workflows/launch-deploy.yml', 'workflows/launch-deploy-standalone.yml'])(
    'record what %s deploys',
    async (path) => {
      const workflow = withStateDir(forAct(readFileSync(join(ROOT, path), 'utf8')), shop.stateDir);
      const run = await shop.push(
        { [deployWorkflow]: workflow, 'services/web/README.md': `By ${path}.\n` },
        { env: { GITHUB_API_URL: api.url }, secrets: { GITHUB_TOKEN: api.token } },
      );
      expect(run.exitCode).toBe(0);
      expect(records.all.at(-1)).toMatchObject({
        ref: shop.desk.id(),
        environment: 'homelab/web',
        statuses: [{ state: 'in_progress' }, { state: 'success' }],
      });
    },
  );

  it('record each deployment once', () => {
    expect(records.states()).toEqual([
      'homelab/web: in_progress, success, inactive',
      'homelab/web: in_progress, success',
    ]);
  });
});
