// A change from its pull request to what serves, and what comes after a push that failed.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { type ActResult, failureOf } from '../support/act.ts';
import { type FakeGitHub, startFakeGitHub } from '../support/github-api.ts';
import { type ServedPullRequest, servePullRequest } from '../support/github-comments.ts';
import { serveDeployments } from '../support/github-deployments.ts';
import { type ServedRuns, serveRuns } from '../support/github-runs.ts';
import { script } from '../support/recorded-service.ts';
import { type Files, removeRepositories } from '../support/repository.ts';
import {
  type Container,
  containersOf,
  openShop,
  removeProject,
  type Shop,
  starter,
} from '../support/shop.ts';
import { ROOT } from '../support/source-tree.ts';
import { requireTools } from '../support/tools.ts';

jest.setTimeout(300_000);

const suite = requireTools('act', 'docker', 'compose', 'flock', 'node24');
const token = 'ghs_of-the-job';

/** A service that a script deploys: what serves is its page, and it notes where and in which order it was deployed. */
const scripted = (name: string, stateDir: string, settings: string): Files => ({
  [`services/${name}/README.md`]: 'A part.\n',
  [`services/${name}/service.yml`]: settings,
  [`services/${name}/page.txt`]: 'first\n',
  [`services/${name}/deploy.sh`]: script(
    '! grep broken page.txt || exit 1',
    `cp page.txt ${stateDir}/page-${name}`,
    `echo ${name} to "$LAUNCH_TARGET" >>${stateDir}/order`,
  ),
  [`services/${name}/health-check.sh`]: script(':'),
});

suite('a change', () => {
  let shop: Shop;
  let api: FakeGitHub;
  let runs: ServedRuns;
  let pull: ServedPullRequest;
  let still: Container[] = [];
  let good = '';
  const name = (service: string) => `${service}-${shop.suffix}`;
  const page = (service: string, text: string): Files => ({ [`services/${service}/page.txt`]: `${text}\n` });
  const serves = (service: string) => readFileSync(join(shop.stateDir, `page-${service}`), 'utf8').trim();
  let seen = 0;
  /** Since it was asked last. */
  const order = () => {
    const all = readFileSync(join(shop.stateDir, 'order'), 'utf8').trim().split('\n');
    const news = all.slice(seen);
    seen = all.length;
    return news;
  };
  const jobs = (run: ActResult) =>
    run.jobs
      .filter(({ id }) => id.startsWith('wave-'))
      .map(({ id, matrix, result }) => `${id} ${matrix['service']} ${matrix['runs-on']}: ${result}`)
      .sort();
  const push = async (files: Files): Promise<ActResult> =>
    await shop.push(files, { env: { GITHUB_API_URL: api.url }, secrets: { GITHUB_TOKEN: token } });
  beforeAll(async () => {
    execFileSync('bash', [join(ROOT, 'scripts/stand-in-images.sh')], { stdio: 'ignore', timeout: 120_000 });
    api = await startFakeGitHub(token);
    runs = serveRuns(api, 'acme/shop');
    serveDeployments(api, { repository: 'acme/shop' });
    shop = openShop(({ suffix, stateDir }) => ({
      ...starter('launch-pr.yml'),
      'launch.yml': `targets:
  homelab: { runs-on: [self-hosted, homelab] }
  aws: { runs-on: [self-hosted, aws] }
defaults: { target: homelab }
`,
      'shared/words.txt': 'hello\n',
      ...scripted('front', stateDir, 'driver: script\n'),
      ...scripted('api', stateDir, 'driver: script\ntarget: aws\ndepends-on: [front]\n'),
      ...scripted('mail', stateDir, 'driver: script\ndepends-on: [api]\ninputs: [../../shared/**]\n'),
      [`services/still-${suffix}/README.md`]: 'The page.\n',
      [`services/still-${suffix}/service.yml`]: 'health: [{ container: main }]\n',
      [`services/still-${suffix}/compose.yml`]: 'services:\n  main:\n    image: launch-test/app:1\n',
    }));
    pull = servePullRequest(api, {
      repository: 'acme/shop',
      number: 1,
      head: () => shop.desk.git('rev-parse', 'change-1').trim(),
    });
  });

  afterAll(async () => {
    removeProject(name('still'));
    await api.close();
    removeRepositories();
  });

  it('is all of it with the first push', async () => {
    const run = await push({});
    expect(failureOf(run)).toBe('');
    expect(order()).toEqual(['front to homelab', 'api to aws', 'mail to homelab']);
    still = containersOf(name('still'));
    expect(still).toHaveLength(1);
    runs.ended(shop.desk.id(), 'success');
  });

  const change = { ...page('front', 'second'), ...page('api', 'second'), 'shared/words.txt': 'good day\n' };

  it('is shown in its pull request: every service, where it goes, and why', async () => {
    const run = await shop.pullRequest(change, {
      env: { GITHUB_API_URL: api.url },
      secrets: { GITHUB_TOKEN: token },
    });
    expect(failureOf(run)).toBe('');
    expect(run.jobs.map(({ id, result }) => `${id}: ${result}`).sort()).toEqual([
      'comment: success',
      'launch: success',
      'validate: success',
    ]);
    const [comment, ...others] = pull.comments;
    expect([comment?.login, others]).toEqual(['github-actions[bot]', []]);
    expect(comment?.body).toMatch(/^<!-- launch:plan -->\n/);
    expect(comment?.body).toContain('To deploy: 3 services to 2 targets in 3 waves');
    const rows = comment?.body.split('\n').filter((line) => /^\| \d/.test(line));
    expect(rows).toEqual([
      expect.stringMatching(
        /1 .*>front<.*>homelab<.*self-hosted, homelab.*services\/front\/page\.txt changed/,
      ),
      expect.stringMatching(/2 .*>api<.*>aws<.*self-hosted, aws.*services\/api\/page\.txt changed.*>front</),
      expect.stringMatching(/3 .*>mail<.*>homelab<.*input .*shared\/words\.txt changed.*>api</),
    ]);
  });

  it('is deployed when that is merged: exactly this, in the order of its waves, on their labels', async () => {
    const run = await push(change);
    expect(failureOf(run)).toBe('');
    expect(jobs(run)).toEqual([
      'wave-1 front self-hosted,homelab: success',
      'wave-2 api self-hosted,aws: success',
      'wave-3 mail self-hosted,homelab: success',
    ]);
    expect(order()).toEqual(['front to homelab', 'api to aws', 'mail to homelab']);
    expect([serves('front'), serves('api')]).toEqual(['second', 'second']);
    expect(containersOf(name('still'))).toEqual(still);
    good = shop.desk.id();
    runs.ended(good, 'success');
  });

  it('ends red when a part of it breaks, and the rest of it is deployed', async () => {
    runs.failed = ['Deploy mail to homelab'];
    const run = await push({ ...page('mail', 'broken'), ...page('front', 'third') });
    expect(jobs(run)).toEqual([
      'wave-1 front self-hosted,homelab: success',
      'wave-2 mail self-hosted,homelab: failure',
    ]);
    expect(run.exitCode).not.toBe(0);
    expect([serves('front'), serves('mail')]).toEqual(['third', 'first']);
    runs.ended(shop.desk.id(), 'failure');
    order();
  });

  it('is taken back by a revert, also what did go out before the failure', async () => {
    shop.desk.git('revert', '--no-edit', 'HEAD');
    const run = await push({});
    expect(failureOf(run)).toBe('');
    // Nothing differs from what was deployed without a failure.
    expect(shop.desk.git('diff', '--stat', good, 'HEAD')).toBe('');
    expect(order()).toContain('front to homelab');
    expect([serves('front'), serves('mail')]).toEqual(['second', 'first']);
    // Say that it was cancelled at its very end.
    runs.ended(shop.desk.id(), 'cancelled');
  });

  it('is picked up by the next push of anything else when its run was cancelled', async () => {
    shop.land(page('api', 'fourth'));
    runs.ended(shop.desk.id(), 'cancelled');
    const run = await push({ 'README.md': 'Open.\n' });
    expect(failureOf(run)).toBe('');
    expect(order()).toEqual(['api to aws']);
    expect(serves('api')).toBe('fourth');
    // What is live already is left alone, though nobody could be sure of it before.
    expect(jobs(run)).toEqual([
      'wave-1 front self-hosted,homelab: success',
      'wave-2 api self-hosted,aws: success',
      'wave-3 mail self-hosted,homelab: success',
    ]);
    expect(run.log.match(/live and healthy: nothing to do/g)).toHaveLength(2);
    expect(containersOf(name('still'))).toEqual(still);
  });
});
