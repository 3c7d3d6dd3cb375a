import { describe, expect, it } from '@jest/globals';
import { deploymentDockerConfig } from '../../../../src/core/deploy/docker-config.ts';
import { keptImageName, keptImagePrefix } from '../../../../src/core/deploy/kept-image.ts';
import { registryLogins, registryOfImage } from '../../../../src/core/deploy/registry.ts';

describe("Docker's configuration of one deployment", () => {
  it('keeps what the user has set, and the logins of others', () => {
    const user = { auths: { 'a.example': { auth: 'x' } }, proxies: { default: {} }, currentContext: 'far' };
    expect(deploymentDockerConfig(user, ['b.example'])).toEqual({ ...user, credHelpers: {} });
  });

  it('lets no key ring take the new logins, but asks it for the others', () => {
    const user = {
      credsStore: 'pass',
      auths: { 'a.example': {}, 'b.example': {}, 'https://index.docker.io/v1/': {} },
      credHelpers: { 'b.example': 'own', 'c.example': 'own' },
    };
    expect(deploymentDockerConfig(user, ['b.example', 'docker.io'])).toEqual({
      auths: { 'a.example': {} },
      credHelpers: { 'a.example': 'pass', 'c.example': 'own' },
    });
  });
});

describe('the registry of an image', () => {
  it.each([
    ['nginx', 'docker.io'],
    ['library/nginx:1', 'docker.io'],
    ['index.docker.io/library/nginx', 'docker.io'],
    ['ghcr.io/octo/app@sha256:0', 'ghcr.io'],
    ['localhost/app', 'localhost'],
    ['127.0.0.1:5000/app:1', '127.0.0.1:5000'],
  ])('%s: %s', (image, host) => {
    expect(registryOfImage(image)).toBe(host);
  });
});

it('takes a registry’s password with the prefix of the target first', () => {
  const registries = [{ host: 'ghcr.io', username: 'bot', secret: 'TOKEN' }];
  const given = new Map([
    ['TOKEN', 'plain'],
    ['AWS_TOKEN', 'of aws'],
  ]);
  expect(registryLogins(registries, given, 'AWS_')[0]?.password).toBe('of aws');
  expect(registryLogins(registries, given, undefined)[0]?.password).toBe('plain');
  expect(registryLogins(registries, new Map([['TOKEN', '']]), undefined)[0]?.password).toBeUndefined();
});

describe('the name that keeps an image', () => {
  const prefix = keptImagePrefix('web', '/var/lib/launch/octo/shop/homelab/web');

  it('is one that the engine takes, and tells services apart', () => {
    const names = ['web', 'Web', 'my_web', 'my-web', '_'].map((it) =>
      keptImageName(prefix, it, '20260101T000000Z-abcdef0'),
    );
    expect(new Set(names).size).toBe(5);
    for (const name of names) {
      expect(name).toMatch(
        /^launch\.local\/web-[0-9a-f]{8}\/[a-z0-9]+(-[a-z0-9]+)*:20260101T000000Z-abcdef0$/,
      );
    }
    expect(keptImagePrefix('web', '/elsewhere/web')).not.toBe(prefix);
  });
});
