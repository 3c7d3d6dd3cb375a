// LibreChat from a branch over its pull request to the merge, beside another service on another target.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { type ActResult, failureOf } from '../support/act.ts';
import { alsoRemove, freePort, containersOf as named, removeProjects } from '../support/deploy-host.ts';
import { libreChatTools } from '../support/librechat/images.ts';
import { type LibreChatService, libreChatService, makeSecrets } from '../support/librechat/service.ts';
import { type Files, removeRepositories } from '../support/repository.ts';
import { containersOf, openShop, type Shop } from '../support/shop.ts';
import { ROOT } from '../support/source-tree.ts';
import { requireTools } from '../support/tools.ts';

jest.setTimeout(300_000);

const suite = requireTools(
  'act',
  'docker',
  'compose',
  'flock',
  'node24',
  'curl',
  'openssl',
  ...libreChatTools,
);

suite('LibreChat beside test-service', () => {
  let shop: Shop;
  let service: LibreChatService;
  let port = 0;
  let pagePort = 0;
  let secrets: Record<string, string> = {};
  const name = (of: string) => `${of}-${shop.suffix}`;
  /** To services/<name> of the shop; what starts with a slash lies above it. */
  const placed = (folder: string, files: Files): Files =>
    Object.fromEntries(
      Object.entries(files).map(([path, content]) => [
        path.startsWith('/') ? path.slice(1) : `services/${folder}/${path}`,
        content,
      ]),
    );
  const jobs = (run: ActResult) =>
    run.jobs
      .filter(({ id }) => id.startsWith('wave-'))
      .map(({ matrix, result }) => `${matrix['service']} on ${matrix['runs-on']}: ${result}`)
      .sort();
  const title = async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/config`);
    const { appTitle }: { appTitle: string } = JSON.parse(await answer.text());
    return appTitle;
  };

  beforeAll(async () => {
    execFileSync('bash', [join(ROOT, 'scripts/stand-in-images.sh')], { stdio: 'ignore', timeout: 120_000 });
    [port, pagePort] = [await freePort(), await freePort()];
    service = libreChatService(port);
    secrets = { LAUNCH_SECRETS: makeSecrets() };
    shop = openShop(({ suffix }) => ({
      ...placed(`librechat-${suffix}`, service.files),
      ...placed(`test-service-${suffix}`, testService(pagePort)),
    }));
    for (const it of ['librechat', 'test-service']) alsoRemove(name(it));
  });

  afterAll(() => {
    removeProjects();
    removeRepositories();
  });

  it('goes to aws with the first push, and test-service to homelab', async () => {
    const run = await shop.push({}, { secrets });
    expect(failureOf(run)).toBe('');
    expect(jobs(run)).toEqual([
      `${name('librechat')} on self-hosted,aws: success`,
      `${name('test-service')} on self-hosted,homelab: success`,
    ]);
    expect(await title()).toBe('LibreChat');
  });

  it('is checked on its pull request, and goes to aws when that is merged: nothing else is touched', async () => {
    const before = { page: containersOf(name('test-service')), chat: named(name('librechat')) };
    expect(before.page).toHaveLength(1);
    const change = placed(name('librechat'), service.env({ APP_TITLE: 'Ours' }));

    const check = await shop.pullRequest(change);
    expect(failureOf(check)).toBe('');
    expect(check.jobs.map(({ id, result }) => `${id}: ${result}`)).toContain('validate: success');
    expect(check.log).toContain(name('librechat'));
    expect(jobs(check)).toEqual([]);
    expect(named(name('librechat'))).toEqual(before.chat);

    const merge = await shop.push(change, { secrets });
    expect(failureOf(merge)).toBe('');
    expect(jobs(merge)).toEqual([`${name('librechat')} on self-hosted,aws: success`]);
    expect(await title()).toBe('Ours');
    expect(containersOf(name('test-service'))).toEqual(before.page);
    const { 'api-1': old, ...others } = before.chat;
    const { 'api-1': api, ...now } = named(name('librechat'));
    expect(now).toEqual(others);
    expect(api?.id).not.toBe(old?.id);
    for (const line of secrets['LAUNCH_SECRETS']?.trim().split('\n') ?? []) {
      const value = line.slice(line.indexOf('=') + 1);
      expect(merge.log.includes(value) || check.log.includes(value)).toBe(false);
    }
  });
});

/** services/test-service as it ships, but for its image and its port. */
function testService(port: number): Files {
  const read = (path: string) => readFileSync(join(ROOT, 'services/test-service', path), 'utf8');
  return {
    'README.md': read('README.md'),
    'compose.yml': read('compose.yml'),
    'html/index.html': read('html/index.html'),
    'deploy.sh': { executable: read('deploy.sh') },
    'health-check.sh': { executable: read('health-check.sh') },
    'service.yml': `${read('service.yml')}steady: 1s\nenv: { TEST_SERVICE_IMAGE: "launch-test/nginx:1", TEST_SERVICE_PORT: "${port}" }\n`,
  };
}
