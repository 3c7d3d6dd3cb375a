import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { createHost, type DeployHost, leftovers, webHealth, webService } from '../../support/deploy-host.ts';
import { deploySuite } from '../../support/deploy-suite.ts';

const suite = deploySuite();
const script = (...lines: string[]) => ({ executable: ['#!/bin/sh', 'set -eu', ...lines, ''].join('\n') });

/** What a release of the stack looks like from outside. */
const stack = (port: number, version: string) => `services:
  web:
    image: launch-test/nginx:${version === '2' ? 2 : 1}
    ports: ["127.0.0.1:${port}:80"]
    environment: { VERSION: "${version}", LEVEL: "\${LEVEL}", GIVEN: "\${GIVEN}" }
    volumes: ["./html:/usr/share/nginx/html:ro"]
  db:
    image: launch-test/app:1
    volumes: ["./data:/data", "store:/store"]
volumes: { store: {} }
`;

const release = (host: DeployHost, version: string) => ({
  'compose.yml': stack(host.port, version),
  'service.yml': `env: { LEVEL: "level-${version}" }\n${webHealth(host.port)}`,
  'html/index.html': `page ${version}`,
});

suite('going back', () => {
  let host: DeployHost;
  const ids: string[] = [];
  beforeAll(async () => {
    host = await createHost();
    for (const version of ['1', '2', '3']) {
      host.commit(release(host, version));
      const result = await host.deploy({ env: new Map([['GIVEN', `given-${version}`]]) });
      expect(result.status).toBe('deployed');
      ids.push(result.release);
    }
    host.docker('exec', `${host.service}-db-1`, 'sh', '-c', 'echo kept >/data/file; echo kept >/store/file');
  });

  const web = () => host.containers()['web-1'];
  const imageOf = (id: string) => host.docker('inspect', '--format', '{{.Image}}', id);

  it('restores compose file, image, files and variables together, and leaves the database alone', async () => {
    const db = host.containers()['db-1'];
    const result = await host.rollback();
    expect(result).toMatchObject({
      status: 'deployed',
      restores: ids[1],
      previousRelease: ids[2],
      made: [`${host.service}-web-1`],
      kept: [`${host.service}-db-1`],
    });
    expect(await host.get()).toBe('page 2');
    expect(web()?.env).toEqual(expect.arrayContaining(['VERSION=2', 'LEVEL=level-2', 'GIVEN=given-2']));
    expect(imageOf(web()?.id ?? '')).toBe(
      host.docker('inspect', '--format', '{{.Id}}', 'launch-test/nginx:2'),
    );
    expect(host.containers()['db-1']).toEqual(db);
    expect(leftovers(host.service)).toEqual([]);
  });

  it('is frozen then: what does not touch the service is held, and green', async () => {
    const before = host.containers();
    const again = await host.deploy({ env: new Map([['GIVEN', 'given-3']]) });
    expect(again).toMatchObject({ status: 'unchanged', failure: undefined });
    expect(again.notices?.join()).toContain(`gone back from ${ids[2]} to ${ids[1]}`);
    host.commit({ '/services/another/compose.yml': 'services: {}\n' });
    const other = await host.deploy({ env: new Map([['GIVEN', 'given-4']]) });
    expect(other.status).toBe('unchanged');
    expect(host.containers()).toEqual(before);
    expect(await host.get()).toBe('page 2');
  });

  it('goes one further back the second time, and not to and fro', async () => {
    const db = host.containers()['db-1'];
    expect(await host.rollback()).toMatchObject({ status: 'deployed', restores: ids[0] });
    expect(await host.get()).toBe('page 1');
    expect(host.containers()['db-1']).toEqual(db);
    await expect(host.rollback()).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('no release before'),
    });
    // Neither of the two that were left is deployed again.
    expect((await host.deploy({ env: new Map([['GIVEN', 'given-3']]) })).status).toBe('unchanged');
    expect(await host.get()).toBe('page 1');
  });

  it('goes to a release that is named, and says what there is when it is unknown', async () => {
    await expect(host.rollback({ to: '20200101T000000Z-abcdef0' })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(ids[2] ?? 'none'),
    });
    expect(await host.rollback({ to: ids[2] })).toMatchObject({ status: 'deployed', restores: ids[2] });
    expect(await host.get()).toBe('page 3');
  });

  it('ends the freeze with a commit that touches the service', async () => {
    host.commit({ 'html/index.html': 'page 4' });
    expect((await host.deploy()).status).toBe('deployed');
    expect(await host.get()).toBe('page 4');
    expect(existsSync(join(host.folder, 'frozen.json'))).toBe(false);
    expect(host.docker('exec', `${host.service}-db-1`, 'cat', '/data/file', '/store/file')).toBe(
      'kept\nkept',
    );
  });

  it('goes back to what served before, although that was a rollback', async () => {
    expect((await host.rollback()).status).toBe('deployed');
    expect(await host.get()).toBe('page 3');
    expect((await host.rollback()).restores).toBe(ids[1]);
    expect(await host.get()).toBe('page 2');
    const history = readFileSync(join(host.folder, 'history.ndjson'), 'utf8').trim().split('\n');
    expect(history.map((line) => JSON.parse(line)).filter((it) => it.restores !== undefined)).toHaveLength(5);
    expect(existsSync(join(host.folder, 'journal'))).toBe(false);
    expect(existsSync(join(host.folder, '.docker'))).toBe(false);
  });
});

suite('going back to an image', () => {
  it('brings the old one, although its tag has moved on, and lets go of it with its release', async () => {
    const host = await createHost();
    const tag = `${host.service}.example/app:latest`;
    const id = (name: string) => host.docker('inspect', '--format', '{{.Id}}', name);
    const kept = () =>
      host
        .docker('images', '--format', '{{.Repository}}:{{.Tag}}')
        .split('\n')
        .filter((name) => name.startsWith(`launch.local/${host.service}-`));
    // Images of this test's own, so that nothing else keeps them.
    const build = (content: string) => {
      host.docker(
        'build',
        '--quiet',
        '--network',
        'none',
        '--tag',
        tag,
        '--build-arg',
        `A=${content}`,
        buildFolder(host),
      );
      return id(tag);
    };
    const compose = (version: string) =>
      webService(host.port, `    environment: { VERSION: "${version}" }\n`).replace(
        'launch-test/nginx:1',
        tag,
      );
    const deploy = async (version: string) => {
      host.commit({
        'compose.yml': compose(version),
        'service.yml': webHealth(host.port),
        'html/index.html': version,
      });
      return await host.deploy({ keepReleases: 2 });
    };
    const old = build('one');
    await deploy('1');
    const now = build('two');
    expect(now).not.toBe(old);
    await deploy('2');
    expect(kept()).toHaveLength(2);
    // It has no name but the one it is kept by.
    expect(host.docker('inspect', '--format', '{{json .RepoTags}}', old)).toContain('launch.local/');

    await host.rollback();
    const container = host.containers()['web-1']?.id ?? '';
    expect(host.docker('inspect', '--format', '{{.Image}}', container)).toBe(old);
    expect(await host.get()).toBe('1');

    for (const version of ['3', '4']) {
      build(version);
      expect((await deploy(version)).status).toBe('deployed');
    }
    expect(kept().length).toBeLessThanOrEqual(2);
    host.docker('image', 'rm', '--force', ...kept(), tag);
  });

  it('removes images that it built itself once no release needs them, and no others', async () => {
    const host = await createHost();
    const built: string[] = [];
    for (const version of ['1', '2', '3', '4']) {
      host.commit({
        'compose.yml': `services: { app: { build: { context: ., network: none }, stop_grace_period: 1s } }\n`,
        Dockerfile: `FROM launch-test/app:1\nRUN echo ${host.service}-${version} >/version.txt\n`,
      });
      expect((await host.deploy({ keepReleases: 2 })).status).toBe('deployed');
      built.push(host.docker('inspect', '--format', '{{.Id}}', `${host.service}-app`));
    }
    const isThere = (image: string) =>
      host.docker('images', '--quiet', '--no-trunc', '--all').split('\n').includes(image);
    expect(built.map(isThere)).toEqual([false, false, true, true]);
    expect(isThere(host.docker('inspect', '--format', '{{.Id}}', 'launch-test/app:1'))).toBe(true);
    const back = await host.rollback();
    expect(back.status).toBe('deployed');
    const container = host.containers()['app-1']?.id ?? '';
    expect(host.docker('inspect', '--format', '{{.Image}}', container)).toBe(built[2]);
    const names = host
      .docker('images', '--format', '{{.Repository}}:{{.Tag}}')
      .split('\n')
      .filter(
        (name) => name.startsWith(`launch.local/${host.service}-`) || name.startsWith(`${host.service}-app:`),
      );
    host.docker('rm', '--force', container);
    host.docker('image', 'rm', '--force', ...names);
  });
});

suite('a rollback that can not be', () => {
  it('stops before any effect when a secret is missing, and tells of one that is new', async () => {
    const host = await createHost();
    const compose = (names: string) => webService(host.port, `    environment: [${names}]\n`);
    host.commit({
      'compose.yml': compose('OLD_KEY'),
      'service.yml': `secrets: [OLD_KEY]\n${webHealth(host.port)}`,
      'html/index.html': 'one',
    });
    await host.deploy({ secrets: new Map([['OLD_KEY', 'old-value']]) });
    host.commit({
      'compose.yml': compose('NEW_KEY'),
      'service.yml': `secrets: [NEW_KEY]\n${webHealth(host.port)}`,
    });
    await host.deploy({ secrets: new Map([['NEW_KEY', 'new-value']]) });
    const before = host.containers();
    await expect(host.rollback({ secrets: new Map([['NEW_KEY', 'new-value']]) })).rejects.toMatchObject({
      code: 'SECRET_MISSING',
      message: expect.stringContaining('OLD_KEY'),
    });
    expect(host.containers()).toEqual(before);
    expect(readdirSync(join(host.folder, 'releases'))).toHaveLength(2);
    const secrets = new Map([
      ['OLD_KEY', 'rotated-value'],
      ['NEW_KEY', 'new-value'],
    ]);
    const result = await host.rollback({ secrets });
    expect(result.notices?.join()).toContain('NEW_KEY');
    const env = host.containers()['web-1']?.env ?? [];
    expect(env).toContain('OLD_KEY=rotated-value');
    expect(env.join()).not.toContain('NEW_KEY');
  });

  it('never chooses a release that was not healthy, and leaves what serves when the old one fails', async () => {
    const host = await createHost();
    const commit = (text: string, check: string) =>
      host.commit({
        'compose.yml': webService(host.port),
        'service.yml': check,
        'html/index.html': text,
      });
    const healthy = webHealth(host.port);
    const flag = `health: [{ command: "test ! -e ${host.stateDir}/broken", timeout: 500ms }]\n`;
    const bad = 'health: [{ tcp: "127.0.0.1:1", timeout: 500ms }]\n';
    commit('one', flag);
    const first = await host.deploy();
    commit('bad', bad);
    expect((await host.deploy()).status).toBe('rolled-back');
    commit('two', healthy);
    const second = await host.deploy();

    host.docker(
      'run',
      '--rm',
      '--network',
      'none',
      '--volume',
      `${host.stateDir}:/s`,
      'launch-test/app:1',
      'touch',
      '/s/broken',
    );
    const before = host.containers();
    const failed = await host.rollback();
    expect(failed).toMatchObject({ status: 'rolled-back', restores: first.release, notPutBack: undefined });
    expect(await host.get()).toBe('two');
    expect(Object.keys(host.containers())).toEqual(Object.keys(before));
    expect(existsSync(join(host.folder, 'frozen.json'))).toBe(false);

    host.docker(
      'run',
      '--rm',
      '--network',
      'none',
      '--volume',
      `${host.stateDir}:/s`,
      'launch-test/app:1',
      'rm',
      '/s/broken',
    );
    expect(await host.rollback()).toMatchObject({ status: 'deployed', restores: first.release });
    expect(second.previousRelease).toBe(first.release);
    // The commit that failed before is not tried again by a push of something else.
    commit('bad', bad);
  });
});

describe('a service without containers', () => {
  it('is taken back by the script of the old release, which needs no checkout', async () => {
    const host = await createHost();
    const deploy = (version: string) => ({
      'deploy.sh': script(`echo "${version} $(cat page) $LEVEL"`),
      page: `page ${version}`,
      'service.yml': `env: { LEVEL: "${version}" }\n`,
    });
    host.commit(deploy('1'));
    const first = await host.deploy();
    host.commit(deploy('2'));
    await host.deploy();
    expect(await host.rollback({ to: first.release })).toMatchObject({ status: 'deployed' });
    expect(host.log.at(-1) === '' || host.log.filter((line) => line === '1 page 1 1')).toHaveLength(2);
    expect((await host.deploy()).status).toBe('unchanged');
    expect((await host.deploy({ force: true })).status).toBe('deployed');
    expect((await host.deploy()).status).toBe('unchanged');
  });
});

function buildFolder(host: DeployHost): string {
  host.repository.write({
    'image/Dockerfile': 'FROM launch-test/nginx:1\nARG A\nRUN echo "$A" >/made\n',
  });
  return join(host.repository.path, 'image');
}
