import {
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from '@jest/globals';
import { createHost, type DeployHost, filesBelow, webHealth, webService } from '../../support/deploy-host.ts';
import { deploySuite } from '../../support/deploy-suite.ts';
import { temporaryFolder } from '../../support/repository.ts';
import { toolPath } from '../../support/tools.ts';

const suite = deploySuite();

suite('deploying a compose service again and again', () => {
  // Each project has a network, and an engine has room for some thirty.
  let host: DeployHost;
  beforeAll(async () => {
    host = await createHost();
    const other =
      '  db:\n    image: launch-test/app:1\n    volumes: ["./data:/data", "store:/store"]\nvolumes: { store: {} }\n';
    host.commit({
      'compose.yml': webService(host.port, other),
      'service.yml': webHealth(host.port),
      'html/index.html': 'first',
    });
  });

  it('starts it the first time', async () => {
    const result = await host.deploy();
    expect(result).toMatchObject({ status: 'deployed', previousRelease: undefined, failure: undefined });
    expect(result.made.toSorted()).toEqual([`${host.service}-db-1`, `${host.service}-web-1`]);
    expect(await host.get()).toBe('first');
    expect(readlinkSync(join(host.folder, 'current'))).toBe(`releases/${result.release}`);
  });

  it('touches nothing when exactly this is live', async () => {
    const before = host.containers();
    const result = await host.deploy();
    expect(result.status).toBe('unchanged');
    expect(host.containers()).toEqual(before);
    expect(readdirSync(join(host.folder, 'releases'))).toHaveLength(1);
  });

  it('serves changed content, and leaves the container without a change alone', async () => {
    const before = host.containers();
    host.commit({ 'html/index.html': 'second' });
    const result = await host.deploy();
    expect(result).toMatchObject({
      status: 'deployed',
      made: [`${host.service}-web-1`],
      kept: [`${host.service}-db-1`],
    });
    expect(await host.get()).toBe('second');
    const after = host.containers();
    expect(after['db-1']).toEqual(before['db-1']);
    expect(after['web-1']?.id).not.toBe(before['web-1']?.id);
  });

  it('serves a file that was added to a mounted folder', async () => {
    host.commit({ 'html/more/page.html': 'more' });
    await host.deploy();
    expect(await host.get('/more/page.html')).toBe('more');
  });

  it('recreates nothing when a file changed that no container sees', async () => {
    const before = host.containers();
    host.commit({ 'README.md': 'read me' });
    const result = await host.deploy();
    expect(result).toMatchObject({ status: 'deployed', made: [] });
    expect(host.containers()).toEqual(before);
  });

  it('keeps untracked data where it is, over deployments and pruning', async () => {
    host.docker(
      'exec',
      `${host.service}-db-1`,
      'sh',
      '-c',
      'echo kept >/data/file; echo stored >/store/file',
    );
    const data = join(host.folder, 'data/services', host.service, 'data/file');
    for (const text of ['a', 'b', 'c']) {
      host.commit({
        'html/index.html': text,
        'compose.yml': webService(
          host.port,
          `  db:\n    image: launch-test/app:1\n    environment: { VERSION: "${text}" }\n    volumes: ["./data:/data", "store:/store"]\nvolumes: { store: {} }\n`,
        ),
      });
      expect((await host.deploy({ keepReleases: 1 })).status).toBe('deployed');
      expect(await host.get()).toBe(text);
    }
    expect(existsSync(data)).toBe(true);
    expect(host.docker('exec', `${host.service}-db-1`, 'cat', '/data/file', '/store/file')).toBe(
      'kept\nstored',
    );
    // The one that serves and the one before it, with the content they mount.
    expect(readdirSync(join(host.folder, 'releases'))).toHaveLength(2);
    expect(readdirSync(join(host.folder, 'mounts'))).toHaveLength(2);
    expect(
      [...filesBelow(join(host.folder, 'releases')).keys()].filter((path) => path.includes('/data/')),
    ).toEqual([]);
  });

  it('takes a folder with nothing but .gitkeep for data', async () => {
    host.commit({
      'cache/.gitkeep': '',
      'compose.yml': webService(host.port).replace('html:ro"', 'html:ro", "./cache:/cache"'),
    });
    await host.deploy();
    host.docker('exec', `${host.service}-web-1`, 'sh', '-c', 'echo warm >/cache/file');
    host.commit({ 'html/index.html': 'after the cache' });
    expect((await host.deploy()).made).toEqual([`${host.service}-web-1`]);
    expect(host.docker('exec', `${host.service}-web-1`, 'cat', '/cache/file')).toBe('warm');
  });

  it('removes the containers of a compose service that is gone', () => {
    expect(Object.keys(host.containers())).toEqual(['web-1']);
  });

  it('never removes mounted content that a container has written into', async () => {
    host.commit({
      'conf/app.conf': 'one',
      'compose.yml': webService(host.port).replace('html:ro"', 'html:ro", "./conf:/conf"'),
    });
    await host.deploy({ keepReleases: 0 });
    host.docker('exec', `${host.service}-web-1`, 'sh', '-c', 'echo precious >/conf/written');
    for (const text of ['two', 'three', 'four']) {
      host.commit({ 'conf/app.conf': text });
      await host.deploy({ keepReleases: 0 });
    }
    const kept = [...filesBelow(join(host.folder, 'mounts'))].filter(([path]) =>
      path.endsWith('/conf/written'),
    );
    expect(kept.map(([, text]) => text)).toEqual(['precious\n']);
    expect(host.log.some((line) => line.includes('a container has written into it'))).toBe(true);
  });

  it('deploys the commit, not what lies uncommitted in the checkout, and says so', async () => {
    host.commit({ 'html/index.html': 'committed' });
    writeFileSync(join(host.repository.path, 'services', host.service, 'html/index.html'), 'uncommitted');
    const result = await host.deploy();
    expect(result.status).toBe('deployed');
    expect(await host.get()).toBe('committed');
    expect(host.warnings.some((line) => line.includes('1 uncommitted change'))).toBe(true);
    host.repository.git('checkout', '--', '.');
  });

  it('deploys again what is live when it is forced to, and when a container was removed by hand', async () => {
    expect((await host.deploy({ force: true })).status).toBe('deployed');
    host.docker('rm', '--force', `${host.service}-web-1`);
    expect(await host.deploy()).toMatchObject({ status: 'deployed', made: [`${host.service}-web-1`] });
  });

  it('writes a history line for every deployment', async () => {
    const { readHistory } = await import('../../../src/operations/read-history.ts');
    const history = await readHistory({
      repository: 'octo/shop',
      target: 'homelab',
      service: host.service,
      stateDir: host.stateDir,
      hostEnv: {},
    });
    expect(history.deployments[0]).toMatchObject({
      status: 'deployed',
      by: 'ann',
      commit: host.repository.id(),
    });
    expect(history.current).toBe(history.deployments[0]?.release);
  });

  it('keeps its state for its owner alone', () => {
    expect(statSync(host.folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(host.folder, 'current/release.json')).mode & 0o777).toBe(0o600);
    expect(statSync(join(host.stateDir, '.key')).mode & 0o777).toBe(0o600);
  });

  it('rehearses without touching anything', async () => {
    host.commit({ 'html/index.html': 'not yet' });
    const containers = host.containers();
    const files = filesBelow(host.stateDir);
    const result = await host.deploy({ dryRun: true });
    expect(result.plan?.join('\n')).toContain(`Container ${host.service}-web-1 Recreate`);
    expect(host.containers()).toEqual(containers);
    expect(filesBelow(host.stateDir)).toEqual(files);
    const unused = join(host.stateDir, 'unused');
    await host.deploy({ dryRun: true, stateDir: unused });
    expect(existsSync(unused)).toBe(false);
  });
});

suite('what a service may be made of', () => {
  // Each project has a network, and an engine has room for some thirty.
  it('a symlink to a folder elsewhere, with files from outside of it', async () => {
    const host = await createHost();
    const compose = webService(host.port).replace('./html:', '../../common/html:');
    host.repository.commit({
      [`services/${host.service}`]: null,
      'real/thing/compose.yml': compose,
      'real/thing/service.yml': `target: homelab\ninputs: [../../common/**]\n${webHealth(host.port)}`,
      'common/html/index.html': 'common',
    });
    host.repository.commit({ [`services/${host.service}`]: { symlink: '../real/thing' } });
    expect((await host.deploy()).status).toBe('deployed');
    expect(await host.get()).toBe('common');
    expect(host.warnings).toEqual([]);
  });

  it('a file outside of it that no one declared, with a warning', async () => {
    const host = await createHost();
    host.commit({
      '/common/index.html': 'undeclared',
      'compose.yml': webService(host.port).replace('./html:', '../../common:'),
      'service.yml': webHealth(host.port),
    });
    expect((await host.deploy()).status).toBe('deployed');
    expect(await host.get()).toBe('undeclared');
    expect(host.warnings.join()).toContain('common is mounted but is not part of the service');
  });

  it('names and paths full of dollars, spaces and quotes', async () => {
    const host = await createHost();
    host.commit({
      'compose.yml': webService(host.port).replace('"./html:', () => "\"./ht $$ml 'q'/a b:"),
      'service.yml': webHealth(host.port),
      "ht $ml 'q'/a b/index.html": 'odd',
    });
    expect((await host.deploy()).status).toBe('deployed');
    expect(await host.get()).toBe('odd');
  });

  it('a single file, a config and a compose secret from files: a change of each is seen', async () => {
    const host = await createHost();
    const compose = `name: ${host.service}
services:
  web:
    image: launch-test/nginx:1
    ports: ["127.0.0.1:${host.port}:80"]
    volumes: ["./page.html:/usr/share/nginx/html/index.html:ro"]
    configs: [{ source: one, target: /usr/share/nginx/html/config }]
    secrets: [{ source: two, target: /usr/share/nginx/html/secret }]
configs: { one: { file: ./one.txt } }
secrets: { two: { file: ./two.txt } }
`;
    host.commit({
      'compose.yml': compose,
      'service.yml': webHealth(host.port),
      'page.html': 'page 1',
      'one.txt': 'config 1',
      'two.txt': 'secret 1',
    });
    await host.deploy();
    const texts = async () => await Promise.all(['/', '/config', '/secret'].map(host.get));
    expect(await texts()).toEqual(['page 1', 'config 1', 'secret 1']);
    host.commit({ 'one.txt': 'config 2' });
    await host.deploy();
    expect(await texts()).toEqual(['page 1', 'config 2', 'secret 1']);
    host.commit({ 'page.html': 'page 2', 'two.txt': 'secret 2' });
    await host.deploy();
    expect(await texts()).toEqual(['page 2', 'config 2', 'secret 2']);
  });

  it('an env_file that is the same in the next release recreates nothing', async () => {
    const host = await createHost();
    host.commit({
      'compose.yml': webService(host.port, '    env_file: [app.env]\n'),
      'service.yml': webHealth(host.port),
      'html/index.html': 'x',
      'app.env': 'SETTING=1\n',
    });
    await host.deploy();
    host.commit({ 'README.md': 'x' });
    expect(await host.deploy()).toMatchObject({ status: 'deployed', made: [] });
    host.commit({ 'app.env': 'SETTING=2\n' });
    expect(await host.deploy()).toMatchObject({ made: [`${host.service}-web-1`] });
    expect(host.containers()['web-1']?.env).toContain('SETTING=2');
  });

  it('an image that is built here, and a job that ends with 0', async () => {
    const host = await createHost();
    host.commit({
      Dockerfile: 'FROM launch-test/nginx:1\nCOPY page /usr/share/nginx/html/index.html\n',
      page: 'built 1',
      'compose.yml': `services:
  web: { build: ., ports: ["127.0.0.1:${host.port}:80"] }
  job: { image: launch-test/app:1, entrypoint: ["true"], depends_on: [web] }
`,
    });
    expect((await host.deploy()).status).toBe('deployed');
    expect(await host.get()).toBe('built 1');
    host.commit({ page: 'built 2' });
    expect((await host.deploy()).status).toBe('deployed');
    expect(await host.get()).toBe('built 2');
    expect((await host.deploy()).status).toBe('unchanged');
    host.docker('image', 'rm', '--force', `${host.service}-web`);
  });

  it('a submodule', async () => {
    const host = await createHost();
    const inner = await createHost();
    inner.repository.commit({
      'compose.yml': webService(host.port),
      'service.yml': `target: homelab\n${webHealth(host.port)}`,
      'html/index.html': 'from a submodule',
    });
    host.repository.commit({ [`services/${host.service}`]: null });
    host.repository.git('submodule', '--quiet', 'add', inner.repository.url, `services/${host.service}`);
    host.repository.commit();
    expect((await host.deploy()).status).toBe('deployed');
    expect(await host.get()).toBe('from a submodule');
  });
});

suite('what is refused before anything happens', () => {
  // Each project has a network, and an engine has room for some thirty.
  it('a symlink out of the repository', async () => {
    const host = await createHost();
    host.commit({ 'compose.yml': webService(host.port), html: { symlink: '/etc' } });
    await expect(host.deploy()).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    expect(host.containers()).toEqual({});
    expect(readdirSync(join(host.folder, 'releases'))).toEqual([]);
  });

  it('a relative mount out of the repository', async () => {
    const host = await createHost();
    host.commit({ 'compose.yml': webService(host.port).replace('./html:', '../../../html:') });
    await expect(host.deploy()).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it('a compose project that somebody else has started', async () => {
    const host = await createHost();
    host.commit({ 'compose.yml': webService(host.port), 'html/index.html': 'mine' });
    const foreign = join(host.stateDir, 'elsewhere');
    mkdirSync(foreign);
    writeFileSync(join(foreign, 'compose.yml'), 'services: { web: { image: launch-test/app:1 } }\n');
    host.docker(
      'compose',
      '--project-name',
      host.service,
      '--file',
      join(foreign, 'compose.yml'),
      'up',
      '--detach',
    );
    const before = host.containers();
    await expect(host.deploy()).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('was not started by Launch'),
    });
    expect(host.containers()).toEqual(before);
    await expect(host.deploy({ dryRun: true })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it('a service of another repository in the same project', async () => {
    const host = await createHost();
    host.commit({ 'compose.yml': webService(host.port), 'html/index.html': 'mine' });
    await host.deploy();
    await expect(host.deploy({ repository: 'other/shop' })).rejects.toMatchObject({
      message: expect.stringContaining('octo/shop'),
    });
    expect(await host.get()).toBe('mine');
  });

  it('an engine that does not answer', async () => {
    const host = await createHost();
    host.commit({ 'compose.yml': webService(host.port) });
    const hostEnv = { ...process.env, DOCKER_HOST: `unix://${host.stateDir}/none.sock` };
    await expect(host.deploy({ hostEnv })).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
    expect(existsSync(join(host.folder, 'releases'))).toBe(false);
  });

  it('a docker without compose', async () => {
    const host = await createHost();
    host.commit({ 'compose.yml': webService(host.port), 'html/index.html': 'x' });
    const bin = temporaryFolder();
    // Everything but compose, as a machine without the plugin has it.
    const docker =
      '#!/bin/sh\n[ "$1" != compose ] || { echo "docker: unknown command: docker compose" >&2; exit 1; }\n';
    writeFileSync(join(bin, 'docker'), docker, { mode: 0o755 });
    for (const program of ['git', 'flock', 'cat']) symlinkSync(toolPath(program) ?? '', join(bin, program));
    const hostEnv = { ...process.env, PATH: bin };
    await expect(host.deploy({ hostEnv })).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: expect.stringContaining('docker-compose-plugin'),
    });
    expect(host.containers()).toEqual({});
    expect(readdirSync(join(host.folder, 'releases'))).toEqual([]);
  });

  it('a compose file that compose refuses, an image that nobody has, a check that needs a shell, a hook that fails', async () => {
    const host = await createHost();
    host.commit({
      'compose.yml': webService(host.port),
      'html/index.html': 'good',
      'service.yml': webHealth(host.port),
    });
    await host.deploy();
    const before = host.containers();
    const bad: Record<string, [Record<string, string>, string]> = {
      file: [{ 'compose.yml': 'services: { web: { image: x, bogus: 1 } }\n' }, 'CONFIG_INVALID'],
      image: [{ 'compose.yml': webService(host.port).replace('nginx:1', 'none:9') }, 'DEPLOY_FAILED'],
      check: [
        { 'compose.yml': webService(host.port), 'service.yml': 'health: [{ command: "test -n $HOME" }]\n' },
        'CONFIG_INVALID',
      ],
      hook: [
        { 'compose.yml': webService(host.port), 'service.yml': 'hooks: { pre-deploy: ./nothing.sh }\n' },
        'DEPLOY_FAILED',
      ],
    };
    for (const [files, code] of Object.values(bad)) {
      host.commit(files);
      await expect(host.deploy()).rejects.toMatchObject({ code });
      expect(host.containers()).toEqual(before);
      expect(readdirSync(join(host.folder, 'releases'))).toHaveLength(1);
      expect(existsSync(join(host.folder, 'journal'))).toBe(false);
    }
    expect(await host.get()).toBe('good');
  });
});
