// A push that takes services out, as GitHub would run it.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { deployService } from '../../src/operations/deploy-service.ts';
import { silentReporter } from '../../src/operations/reporter.ts';
import { failureOf } from '../support/act.ts';
import { docker } from '../support/deploy-host.ts';
import { type Files, removeRepositories } from '../support/repository.ts';
import { containersOf, freePorts, openShop, removeProject, type Shop } from '../support/shop.ts';
import { ROOT } from '../support/source-tree.ts';
import { requireTools } from '../support/tools.ts';

jest.setTimeout(120_000);

const names = ['stopped', 'reported', 'before', 'after'] as const;

function service(name: string, port: number | undefined, settings: string): Files {
  const published = port === undefined ? '' : `    ports: ["127.0.0.1:${port}:80"]\n`;
  return {
    [`services/${name}/README.md`]: 'One of them.\n',
    [`services/${name}/service.yml`]: settings,
    [`services/${name}/compose.yml`]: `services:\n  main:\n    image: launch-test/nginx:1\n    stop_grace_period: 0s\n${published}    volumes: ["store:/store"]\nvolumes: { store: {} }\n`,
  };
}

requireTools(
  'act',
  'docker',
  'compose',
  'flock',
  'node24',
)('a push that takes services out', () => {
  let shop: Shop;
  let port = 0;
  const name = (it: (typeof names)[number]) => `${it}-${shop.suffix}`;

  beforeAll(async () => {
    execFileSync('bash', [join(ROOT, 'scripts/stand-in-images.sh')], { stdio: 'ignore', timeout: 120_000 });
    [port = 0] = await freePorts(1);
    shop = openShop(({ suffix }) => ({
      'launch.yml': 'targets: { homelab: { runs-on: [self-hosted, homelab] } }\n',
      ...service(`stopped-${suffix}`, undefined, 'on-delete: stop\n'),
      ...service(`reported-${suffix}`, undefined, 'on-delete: report\n'),
      ...service(`before-${suffix}`, port, 'on-delete: stop\n'),
    }));
    shop.land({});
    await Promise.all(
      (['stopped', 'reported', 'before'] as const).map(
        async (it) =>
          await deployService(
            {
              cwd: shop.desk.path,
              service: name(it),
              secrets: new Map(),
              env: new Map(),
              timeoutMs: 60_000,
              stateDir: shop.stateDir,
              keepReleases: 5,
              rollbackOnFailure: true,
              force: false,
              dryRun: false,
              repository: 'acme/shop',
              hostEnv: process.env,
              steadyMs: 100,
              // As the run before: act counts none.
              order: { line: 'Deploy@refs/heads/main', run: 1, attempt: 1 },
            },
            silentReporter,
          ),
      ),
    );
  });

  afterAll(() => {
    for (const it of names) {
      removeProject(name(it));
      execFileSync('docker', ['volume', 'rm', '--force', `${name(it)}_store`], { stdio: 'ignore' });
    }
    removeRepositories();
  });

  it('takes down what is to be stopped, makes room for what is renamed, and reports the rest', async () => {
    const [reported] = containersOf(name('reported'));
    docker('exec', containersOf(name('stopped'))[0]?.id ?? '', 'sh', '-c', 'echo kept >/store/file');
    const run = await shop.push({
      [`services/${name('stopped')}`]: null,
      [`services/${name('reported')}`]: null,
      [`services/${name('before')}`]: null,
      ...service(
        name('after'),
        port,
        `health: [{ http: "http://127.0.0.1:${port}/", timeout: 20s, interval: 100ms }]\n`,
      ),
    });
    expect(failureOf(run)).toBe('');
    expect(
      run.jobs.map(({ id, matrix, result }) => [id, matrix['service'] ?? '-', result].join(' ')),
    ).toEqual([
      'plan - success',
      `remove-first ${name('before')} success`,
      `wave-1 ${name('after')} success`,
      `remove ${name('stopped')} success`,
    ]);
    expect(containersOf(name('stopped'))).toEqual([]);
    expect(containersOf(name('before'))).toEqual([]);
    expect(containersOf(name('after'))).toHaveLength(1);
    const [same] = containersOf(name('reported'));
    expect([same?.id, same?.startedAt]).toEqual([reported?.id, reported?.startedAt]);
    const volume = `${name('stopped')}_store:/store`;
    expect(docker('run', '--rm', '--volume', volume, 'launch-test/app:1', 'cat', '/store/file')).toBe('kept');
    expect(run.log).toContain(`launch remove ${name('reported')} --target homelab`);
    expect(run.exitCode).toBe(0);
  });
});
