import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { type ActResult, failureOf } from '../support/act.ts';
import { type Files, removeRepositories } from '../support/repository.ts';
import {
  type Container,
  containersOf,
  freePorts,
  openShop,
  removeProject,
  type Shop,
} from '../support/shop.ts';
import { ROOT } from '../support/source-tree.ts';
import { requireTools } from '../support/tools.ts';

jest.setTimeout(300_000);

const suite = requireTools('act', 'docker', 'compose', 'flock', 'node24');

const page = (text: string) => `<!doctype html><title>Shop</title><h1>${text}</h1>\n`;
const random = (name: string) => `${name}-${randomBytes(9).toString('hex')}`;

/** Three services on two targets: two that compose starts, and one that has its own deploy.sh. */
const shopFiles = (suffix: string, stateDir: string, ports: readonly number[]): Files => ({
  'launch.yml': `targets:
  homelab: { runs-on: [self-hosted, homelab], host: 127.0.0.1 }
  aws: { runs-on: [self-hosted, aws], host: 127.0.0.1, secret-prefix: AWS_ }
defaults: { target: homelab }
`,
  [`services/front-${suffix}/README.md`]: 'The page.\n',
  [`services/front-${suffix}/compose.yml`]: compose('launch-test/nginx:1', ports[0], 80, [
    'volumes: ["./html:/usr/share/nginx/html:ro"]',
  ]),
  [`services/front-${suffix}/service.yml`]: health(ports[0], '/'),
  [`services/front-${suffix}/html/index.html`]: page('first'),

  [`services/api-${suffix}/README.md`]: 'The API.\n',
  [`services/api-${suffix}/compose.yml`]: compose('launch-test/app:1', ports[1], 3000, [
    'environment: [API_TOKEN]',
  ]),
  [`services/api-${suffix}/service.yml`]: `secrets: [API_TOKEN]\n${health(ports[1], '/health')}`,

  [`services/docs-${suffix}/README.md`]: 'The manual.\n',
  [`services/docs-${suffix}/target.txt`]: 'aws\n',
  [`services/docs-${suffix}/compose.yml`]: compose('launch-test/app:1', ports[2], 3000, []),
  [`services/docs-${suffix}/service.yml`]: `secrets: [DOCS_TOKEN]\n${health(ports[2], '/health')}`,
  [`services/docs-${suffix}/deploy.sh`]: {
    executable: `#!/usr/bin/env bash
set -euo pipefail
echo "the token is $DOCS_TOKEN"
env | sort >${stateDir}/docs-environment
docker compose up --detach --wait
`,
  },
});

function compose(image: string, port: number | undefined, inside: number, more: readonly string[]): string {
  return `services:
  main:
    image: ${image}
    ports: ["127.0.0.1:${port}:${inside}"]
${more.map((line) => `    ${line}\n`).join('')}`;
}

function health(port: number | undefined, path: string): string {
  return `health: [{ http: "http://127.0.0.1:${port}${path}", timeout: 20s, interval: 200ms }]\n`;
}

suite('push to deploy', () => {
  let shop: Shop;
  let ports: number[] = [];
  const secret = { api: random('api'), docs: random('docs'), foreign: random('foreign') };
  const secrets = {
    LAUNCH_SECRETS: [
      `API_TOKEN=${secret.api}`,
      `DOCS_TOKEN=${secret.foreign}`,
      `AWS_DOCS_TOKEN=${secret.docs}`,
      `OTHER_TOKEN=${secret.foreign}`,
      '',
    ].join('\n'),
  };
  const name = (service: string) => `${service}-${shop.suffix}`;
  const get = async (index: number) => {
    const response = await fetch(`http://127.0.0.1:${ports[index]}/`, { signal: AbortSignal.timeout(5000) });
    return await response.text();
  };
  const deployed = (result: ActResult) =>
    result.jobs
      .filter((job) => job.id.startsWith('wave-'))
      .map((job) => `${job.matrix['service']} to ${job.matrix['target']}: ${job.result}`)
      .sort();
  const result = (run: ActResult, id: string) => run.jobs.find((job) => job.id === id)?.result;
  const others = (): Container[] => [...containersOf(name('api')), ...containersOf(name('docs'))];

  beforeAll(async () => {
    execFileSync('bash', [join(ROOT, 'scripts/stand-in-images.sh')], { stdio: 'ignore', timeout: 120_000 });
    ports = await freePorts(3);
    shop = openShop(({ suffix, stateDir }) => shopFiles(suffix, stateDir, ports));
  });

  afterAll(() => {
    for (const service of ['front', 'api', 'docs']) removeProject(name(service));
    removeRepositories();
  });

  let first: ActResult;
  let before: Container[] = [];

  it('deploys every service with the first push, each to its target', async () => {
    first = await shop.push({}, { secrets });
    expect(failureOf(first)).toBe('');
    expect(deployed(first)).toEqual([
      `${name('api')} to homelab: success`,
      `${name('docs')} to aws: success`,
      `${name('front')} to homelab: success`,
    ]);
    expect(first.exitCode).toBe(0);
    expect(await get(0)).toContain('first');
    expect(await get(1)).toContain('1');
    expect(await get(2)).toContain('1');
    before = others();
    expect(before).toHaveLength(2);
  });

  it('hands a declared secret to its service, no other one to any, and shows none', () => {
    expect(containersOf(name('api'))[0]?.env).toContain(`API_TOKEN=${secret.api}`);
    const script = readFileSync(join(shop.stateDir, 'docs-environment'), 'utf8').split('\n');
    // With the target's prefix it wins, and arrives under the name that the service declares.
    expect(script).toContain(`DOCS_TOKEN=${secret.docs}`);
    const seen = [...script, ...others().flatMap(({ env }) => env)].join('\n');
    expect(seen).not.toContain(secret.foreign);
    expect(script.join('\n')).not.toContain(secret.api);
    expect(first.log).toContain('the token is ***');
    for (const value of Object.values(secret)) expect(first.log).not.toContain(value);
  });

  it.each(['second', 'third'])('deploys exactly the service that the %s push changed', async (text) => {
    const run = await shop.push({ [`services/${name('front')}/html/index.html`]: page(text) }, { secrets });
    expect(failureOf(run)).toBe('');
    expect(deployed(run)).toEqual([`${name('front')} to homelab: success`]);
    expect(await get(0)).toContain(text);
    expect(others()).toEqual(before);
  });

  it('ends red when a push breaks a service, and the old page is still served', async () => {
    const file = `services/${name('front')}/compose.yml`;
    const good = readFileSync(join(shop.desk.path, file), 'utf8');
    const run = await shop.push(
      { [file]: `${good}    command: [sh, -c, "echo no luck today; exit 3"]\n` },
      { secrets },
    );
    expect(deployed(run)).toEqual([`${name('front')} to homelab: failure`]);
    expect(run.exitCode).not.toBe(0);
    expect(run.log).toContain('no luck today');
    expect(await get(0)).toContain('third');
    expect(others()).toEqual(before);
    shop.desk.commit({ [file]: good });
  });

  it('plans and deploys nothing when a push changes no service', async () => {
    // The repair of the push before goes out with this one; the next changes nothing.
    expect(deployed(await shop.push({ 'README.md': 'Open.\n' }, { secrets }))).toEqual([
      `${name('front')} to homelab: success`,
    ]);
    const run = await shop.push({ 'README.md': 'Open daily.\n' }, { secrets });
    expect(result(run, 'plan')).toBe('success');
    expect(deployed(run)).toEqual([]);
    expect(run.exitCode).toBe(0);
  });

  it('never deploys in a fork', async () => {
    const run = await shop.push(
      { [`services/${name('front')}/html/index.html`]: page('forked') },
      { secrets, fork: true },
    );
    expect(result(run, 'plan')).toBe('success');
    expect(deployed(run)).toEqual([]);
    expect(await get(0)).toContain('third');
  });

  it('leaves no secret in what it keeps', () => {
    expect(existsSync(shop.stateDir)).toBe(true);
    for (const value of [secret.api, secret.foreign]) {
      expect(() =>
        execFileSync('grep', [
          '--recursive',
          '--files-with-matches',
          '--fixed-strings',
          value,
          shop.stateDir,
        ]),
      ).toThrow();
    }
  });
});
