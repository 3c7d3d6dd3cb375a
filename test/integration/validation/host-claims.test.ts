import { afterAll, describe, expect, it } from '@jest/globals';
import { removeRepositories } from '../../support/repository.ts';
import { brief, composeService, repositoryWith, validate } from '../../support/validating.ts';

afterAll(removeRepositories);

const off = { shellcheck: { severity: 'off', required: false, path: '', toolCache: '' } } as const;

async function claims(
  files: Parameters<typeof repositoryWith>[0],
  services: readonly string[] | 'all' = 'all',
) {
  const { problems } = await validate(repositoryWith(files).path, { ...off, services });
  return brief(problems.filter(({ rule }) => /^(reserved-port|duplicate-route)$/.test(rule)));
}

const publishing = (name: string, port: string, extra = '') =>
  composeService(name, `services:\n  web:\n    image: "a:1"\n    ports:\n      - "${port}"\n${extra}`);

describe('a reserved host port', () => {
  const file = 'services/web/compose.yml';

  it.each(['127.0.0.1:443:3000', '80:80', '22:22/tcp', '440-445:3000-3005'])(
    'is told before the merge: %s',
    async (port) => {
      expect(await claims(publishing('web', port))).toEqual([`reserved-port ${file}:5`]);
    },
  );

  it('is none where the target allows it, where any of a range will do, or where the container has a profile', async () => {
    const allowing =
      'targets: { homelab: { runs-on: homelab, allowed-ports: [443] } }\ndefaults: { target: homelab }\n';
    expect(await claims({ 'launch.yml': allowing, ...publishing('web', '443:3000') })).toEqual([]);
    expect(await claims({ 'launch.yml': allowing, ...publishing('web', '80:3000') })).toHaveLength(1);
    expect(await claims(publishing('web', '440-445:3000'))).toEqual([]);
    expect(await claims(publishing('web', '80:3000', '    profiles: [tools]\n'))).toEqual([]);
    const own = { 'services/web/service.yml': 'enabled: false\n' };
    expect(await claims({ ...publishing('web', '80:3000'), ...own })).toEqual([]);
  });
});

describe('a route that two services declare', () => {
  const routed = (name: string, route: string, more = '') => ({
    ...composeService(name, 'services: { web: { image: "a:1" } }\n'),
    [`services/${name}/service.yml`]: `${more}route:\n  ${route}\n  port: 3000\n`,
  });

  it('is told at the line of the one that was asked for', async () => {
    const files = { ...routed('a', 'host: chat.example.org'), ...routed('b', 'host: Chat.example.org') };
    expect(await claims(files)).toEqual(['duplicate-route services/b/service.yml:2']);
    expect(await claims(files, ['a'])).toEqual(['duplicate-route services/a/service.yml:2']);
  });

  it('is fine on two targets', async () => {
    const files = {
      'launch.yml':
        'targets: { homelab: { runs-on: a }, aws: { runs-on: b } }\ndefaults: { target: homelab }\n',
      ...routed('a', 'host: chat.example.org'),
      ...routed('b', 'host: chat.example.org', 'target: aws\n'),
    };
    expect(await claims(files)).toEqual([]);
  });
});
