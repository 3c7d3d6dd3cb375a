import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { LaunchError } from '../../../src/core/errors.ts';
import {
  createHost,
  type DeployHost,
  docker,
  filesBelow,
  removeProjects,
  until,
  webHealth,
  webService,
} from '../../support/deploy-host.ts';
import { type Registry, startRegistry } from '../../support/registry.ts';
import { removeRepositories, temporaryFolder, useHermeticGit } from '../../support/repository.ts';
import { requireTools } from '../../support/tools.ts';

useHermeticGit();
let registry: Registry;
let host: DeployHost;
let local: string;
let image: string;
let dockerConfig: string;

const suite = requireTools('docker', 'compose', 'flock');

suite('a private registry', () => {
  beforeAll(async () => {
    host = await createHost();
    local = `${host.service}.example/private:1`;
    host.repository.write({
      'image/Dockerfile': `FROM launch-test/nginx:1\nRUN echo ${host.service} >/made\n`,
    });
    docker('build', '--quiet', '--network', 'none', '--tag', local, join(host.repository.path, 'image'));
    registry = await startRegistry(local);
    image = `${registry.host}/private:1`;
    docker('image', 'rm', local);
    dockerConfig = temporaryFolder('launch-docker-config-');
    writeFileSync(
      join(dockerConfig, 'config.json'),
      '{"auths":{"other.example":{"auth":"b3RoZXI6b3RoZXI="}}}',
    );
    host.commit({
      'compose.yml': webService(host.port),
      'service.yml': webHealth(host.port),
      'html/index.html': 'old',
    });
    await host.deploy();
  });
  afterAll(() => {
    removeProjects();
    registry?.close();
    forget();
    removeRepositories();
  });

  const forget = () => {
    const all = docker('images', '--format', '{{.Repository}}:{{.Tag}}').split('\n');
    const own = all.filter(
      (name) => name.startsWith(`launch.local/${host.service}-`) || name.startsWith(registry.host),
    );
    if (own.length > 0) docker('image', 'rm', '--force', ...own);
  };
  const privateImage = (declared: boolean) =>
    host.commit({
      '/launch.yml': declared
        ? `registries: [{ host: "${registry.host}", username: ${registry.username}, password-secret: REGISTRY_PASSWORD }]\n`
        : null,
      'compose.yml': webService(host.port).replace('launch-test/nginx:1', image),
      'html/index.html': 'new',
    });
  const deploy = async (password?: string, more = {}) =>
    await host.deploy({
      hostEnv: { ...process.env, DOCKER_CONFIG: dockerConfig },
      secrets: new Map(password === undefined ? [] : [['REGISTRY_PASSWORD', password]]),
      ...more,
    });
  const isGone = () => {
    expect(existsSync(join(host.folder, '.docker'))).toBe(false);
    expect(readFileSync(join(dockerConfig, 'config.json'), 'utf8')).toContain('b3RoZXI6b3RoZXI=');
    expect(readFileSync(join(dockerConfig, 'config.json'), 'utf8')).not.toContain(registry.host);
    const form = Buffer.from(`${registry.username}:${registry.password}`).toString('base64');
    for (const content of filesBelow(host.stateDir).values()) {
      expect(content).not.toContain(registry.password);
      expect(content).not.toContain(form);
    }
    expect(host.log.join('\n')).not.toContain(registry.password);
  };

  it('that no one declared stops nothing, and is named', async () => {
    privateImage(false);
    const before = host.containers();
    await expect(deploy()).rejects.toMatchObject({
      code: 'DEPLOY_FAILED',
      message: expect.stringMatching(new RegExp(`from ${registry.host}.*registries`, 's')),
    });
    expect(host.containers()).toEqual(before);
  });

  it('whose password is missing or wrong stops nothing, and is named', async () => {
    privateImage(true);
    const before = host.containers();
    await expect(deploy()).rejects.toMatchObject({
      code: 'SECRET_MISSING',
      message: expect.stringContaining('REGISTRY_PASSWORD'),
    });
    await expect(deploy('wrong-password')).rejects.toMatchObject({
      code: 'API_AUTH',
      message: expect.stringContaining(registry.host),
    });
    expect(host.containers()).toEqual(before);
    expect(await host.get()).toBe('old');
    isGone();
  });

  it('is not asked when there is hardly room on Docker’s disk', async () => {
    await expect(deploy(registry.password, { leastFreeBytes: 2 ** 60 })).rejects.toMatchObject({
      code: 'DISK_FULL',
      message: expect.stringContaining('Docker'),
    });
    expect(await host.get()).toBe('old');
    expect(registry.served).toEqual([]);
  });

  it('forgets the login when the run is cancelled', async () => {
    const slow = await startRegistry('launch-test/nginx:1');
    slow.hang();
    host.commit({
      '/launch.yml': `registries: [{ host: "${slow.host}", username: bot, password-secret: REGISTRY_PASSWORD }]\n`,
      'compose.yml': webService(host.port).replace('launch-test/nginx:1', `${slow.host}/slow:1`),
    });
    const stop = new AbortController();
    const ended = deploy(slow.password, { signal: stop.signal }).then(
      ({ failure }) => failure?.reason,
      (error: unknown) => (error instanceof LaunchError ? error.code : error),
    );
    try {
      // An image whose layers are all here is asked for its manifest alone; the login is there by then in any case.
      await until('the pull', () => slow.served.some((path) => path.includes('/manifests/')));
      expect(existsSync(join(host.folder, '.docker/config.json'))).toBe(true);
    } finally {
      stop.abort();
    }
    // Where the pull was quicker, the release is undone; either way the run is over, and so is the login.
    expect(['CANCELLED', 'The run was cancelled']).toContain(await ended);
    slow.close();
    isGone();
    expect(await host.get()).toBe('old');
  });

  it('is logged in to for the deployment, and out again', async () => {
    privateImage(true);
    const result = await deploy(registry.password);
    expect(result).toMatchObject({ status: 'deployed', failure: undefined });
    expect(await host.get()).toBe('new');
    expect(registry.served.some((path) => path.includes('/blobs/'))).toBe(true);
    isGone();
    const log = host.log.join('\n');
    expect(log).toContain(`Logged in to ${registry.host}`);
  });

  it('gives back an image that was removed from the host, by its digest', async () => {
    const release = host.docker('inspect', '--format', '{{.Image}}', host.containers()['web-1']?.id ?? '');
    host.commit({ 'compose.yml': webService(host.port), 'html/index.html': 'newer' });
    expect((await deploy(registry.password)).status).toBe('deployed');
    forget();
    expect(docker('images', '--quiet', '--no-trunc')).not.toContain(release);
    const hostEnv = { ...process.env, DOCKER_CONFIG: dockerConfig };
    const secrets = new Map([['REGISTRY_PASSWORD', registry.password]]);
    expect((await host.rollback({ hostEnv, secrets })).status).toBe('deployed');
    expect(await host.get()).toBe('new');
    const now = host.docker('inspect', '--format', '{{.Image}}', host.containers()['web-1']?.id ?? '');
    expect(now).toBe(release);
    isGone();
  });
});
