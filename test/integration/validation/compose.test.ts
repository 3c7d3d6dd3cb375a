// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are compose's references, not JavaScript's
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { createRepository, removeRepositories, temporaryFolder } from '../../support/repository.ts';
import { requireTools, toolPath } from '../../support/tools.ts';
import {
  brief,
  composeService,
  goodScript,
  repositoryWith,
  scriptService,
  validate,
} from '../../support/validating.ts';

afterAll(removeRepositories);

const off = { shellcheck: { severity: 'off', required: false, path: '', toolCache: '' } } as const;
const file = 'services/web/compose.yml';

/** A PATH with git and without docker. */
function withoutCompose(): NodeJS.ProcessEnv {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'bin'));
  symlinkSync(toolPath('git') ?? '', join(folder, 'bin/git'));
  return { PATH: join(folder, 'bin'), HOME: folder };
}

async function problemsOf(
  compose: string,
  more: Parameters<typeof repositoryWith>[0] = {},
  env: NodeJS.ProcessEnv = process.env,
): Promise<string[]> {
  const { path } = repositoryWith({ ...composeService('web', compose), ...more });
  return brief((await validate(path, { ...off, env })).problems);
}

/** What both ways of checking find at the same line. */
const bothFind: readonly [what: string, compose: string, line: number][] = [
  ['a misspelt key', 'services:\n  web:\n    image: a:1\n    enviroment: {}\n', 4],
  ['a wrong type', 'services:\n  web:\n    image: a:1\n    healthcheck:\n      interval: 5\n', 5],
  ['a key at the top', 'services:\n  web: { image: a:1 }\nservcies: {}\n', 3],
  ['a list where a map belongs', 'services:\n  - web\n', 1],
  ['an empty file', '# nothing yet\n', 1],
];

describe('without a compose parser', () => {
  it.each(bothFind)('the schema finds %s', async (_what, compose, line) => {
    expect(await problemsOf(compose, {}, withoutCompose())).toEqual([`compose-invalid ${file}:${line}`]);
  });

  it('finds all mistakes, and says how it looked', async () => {
    const { path } = repositoryWith(
      composeService(
        'web',
        'services:\n  web:\n    imgae: a\n    ports: [{ target: 80, pubished: 1 }]\n    privileged: 3\n',
      ),
    );
    const report = await validate(path, { ...off, env: withoutCompose() });
    expect(brief(report.problems)).toEqual([3, 4, 5].map((line) => `compose-invalid ${file}:${line}`));
    expect(report.problems[0]).toMatchObject({ remedy: 'Did you mean "image"?' });
    expect(report.notes).toEqual([expect.stringContaining('no docker compose')]);
  });
});

requireTools('compose')('with the compose parser', () => {
  it.each(bothFind)('finds %s', async (_what, compose, line) => {
    expect(await problemsOf(compose)).toEqual([`compose-invalid ${file}:${line}`]);
  });

  it.each([
    ['an unknown dependency', 'services:\n  web:\n    image: a:1\n    depends_on: [db]\n', 4],
    ['an unknown volume', 'services:\n  web:\n    image: a:1\n    volumes:\n      - data:/data\n', 5],
    ['an unknown network', 'services:\n  web:\n    image: a:1\n    networks: [inner]\n', 4],
    ['a port that is none', 'services:\n  web:\n    image: a:1\n    ports: ["99999999:80"]\n', 4],
    ['a number that is none', 'services:\n  web:\n    image: a:1\n    deploy:\n      replicas: two\n', 5],
    ['a container without an image', 'services:\n  web:\n    restart: always\n', 2],
  ])('finds %s, at its line', async (_what, compose, line) => {
    expect(await problemsOf(compose)).toEqual([`compose-invalid ${file}:${line}`]);
  });

  it('accepts what compose accepts', async () => {
    const compose = [
      'x-common: &common { image: "a:1", restart: always }',
      'services:',
      '  web:',
      '    <<: *common',
      '    ports: ["${PORT:-8080}:80"]',
      '    environment: [TZ, "LEVEL=${LEVEL}", "KEY=${API_KEY}", "COST=$$5"]',
      '    env_file: [{ path: local.env, required: false }, /etc/host.env]',
      '    volumes: ["./data:/data", "/srv/media:/media:ro"]',
      '    mem_limit: ${MEMORY}',
      '',
    ].join('\n');
    const manifest = {
      'services/web/service.yml': 'env: { LEVEL: "a $b \'c\' \\"d\\"", MEMORY: 64m }\nsecrets: [API_KEY]\n',
    };
    expect(await problemsOf(compose, manifest)).toEqual([]);
  });

  it('lets nothing of the repository act on the parser', async () => {
    const compose = 'services: { web: { image: "${LD_PRELOAD}${DOCKER_HOST}:1" } }\n';
    const found = await problemsOf(compose, {
      'services/web/service.yml': 'env:\n  LD_PRELOAD: ./evil.so\n  DOCKER_HOST: tcp://192.0.2.1:1\n',
      'services/web/.env': 'COMPOSE_FILE=/etc/passwd\nPATH=/nonexistent\n',
    });
    expect(found).toEqual([
      'reserved-variable services/web/service.yml:2',
      'reserved-variable services/web/service.yml:3',
    ]);
  });

  it('fetches nothing, and reads nothing outside of the repository', async () => {
    expect(
      await problemsOf(
        'include:\n  - https://192.0.2.1/x.git\n  - ../../../outside.yml\nservices: { web: { image: "a:1" } }\n',
      ),
    ).toEqual([`remote-include ${file}:2`, `path-outside-repository ${file}:3`]);
  });
});

describe('what compose accepts and a deployment does not', () => {
  const env = withoutCompose();

  it('variables without a value, at each of their lines', async () => {
    const compose = [
      'services:',
      '  web:',
      '    image: "a:${TAG}"',
      '    environment:',
      '      - GIVEN=${GIVEN}',
      '      - MISSING',
      '      - NESTED=${A:-${B}}',
      '      - FINE=${C:-1}${D-}${E:+x}$$F',
      '    command: |',
      '      echo $one',
      '      echo ${TWO:?must be set}',
      'secrets:',
      '  key: { environment: KEY }',
      '',
    ].join('\n');
    const more = { 'services/web/service.yml': 'env: { GIVEN: 1 }\n', 'services/web/.env': 'A_IS_NOT=1\n' };
    expect(await problemsOf(compose, more, env)).toEqual(
      [3, 6, 7, 10, 11, 13].map((line) => `undeclared-variable ${file}:${line}`),
    );
    expect(
      await problemsOf('services: { web: { image: "a:${TAG}" } }\n', { 'services/web/.env': 'TAG=1\n' }, env),
    ).toEqual([]);
  });

  it('floating images and containers that own the host, as warnings', async () => {
    const compose = [
      'services:',
      '  a: { image: nginx }',
      '  b: { image: "registry:5000/nginx" }',
      '  c: { image: "nginx:${TAG:-latest}" }',
      '  d: { image: "nginx@sha256:0123456789012345678901234567890123456789012345678901234567890123" }',
      '  e: { image: "mine", build: . }',
      '  f: { image: "a:1", privileged: true }',
      '  g: { image: "a:1", cap_add: [NET_ADMIN, SYS_ADMIN] }',
      '  h: { image: "a:1", network_mode: host, pid: host }',
      '  i: { image: "a:1", volumes: ["/var/run/docker.sock:/var/run/docker.sock:ro"] }',
      '',
    ].join('\n');
    const report = await validate(repositoryWith(composeService('web', compose)).path, { ...off, env });
    expect(brief(report.problems)).toEqual([
      `latest-tag ${file}:2`,
      `latest-tag ${file}:3`,
      `latest-tag ${file}:4`,
      `privileged-container ${file}:7`,
      `privileged-container ${file}:8`,
      `host-namespace ${file}:9`,
      `host-namespace ${file}:9`,
      `docker-socket ${file}:10`,
    ]);
    expect(report).toMatchObject({ valid: true, errors: 0, warnings: 8 });
  });

  it('files that are in no release', async () => {
    const compose = [
      'services:',
      '  web:',
      '    image: a:1',
      '    env_file: missing.env',
      '    volumes:',
      '      - ../shared:/shared',
      '      - ./data:/data',
      '  api:',
      '    build: ../../../elsewhere',
      'configs:',
      '  site: { file: site.conf }',
      '',
    ].join('\n');
    const more = { 'services/shared/file.txt': 'x\n', 'services/web/site.conf': 'x\n' };
    expect(await problemsOf(compose, more, env)).toEqual([
      `path-missing ${file}:4`,
      `undeclared-input ${file}:6`,
      `path-outside-repository ${file}:9`,
    ]);
    const declared = { ...more, 'services/web/service.yml': 'inputs: [../shared]\n' };
    expect(await problemsOf(compose, declared, env)).not.toContain(`undeclared-input ${file}:6`);
  });

  it('YAML that is broken, without end, or too large', async () => {
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x,x]']
      .concat(
        Array.from(
          { length: 12 },
          (_, i) =>
            `${String.fromCharCode(98 + i)}: &${String.fromCharCode(98 + i)} [${`*${String.fromCharCode(97 + i)},`.repeat(10)}]`,
        ),
      )
      .join('\n');
    expect(await problemsOf('services:\n  web: [\n', {}, env)).toEqual([
      expect.stringMatching(/^yaml-syntax /),
    ]);
    expect(await problemsOf(bomb, {}, env)).toEqual([`config-invalid ${file}:1`]);
    const nested = await problemsOf('['.repeat(100_000), {}, env);
    expect(nested.length).toBeLessThanOrEqual(20);
    for (const found of nested) expect(found).toMatch(/^(config-invalid|yaml-syntax) /);
    expect(await problemsOf(`# ${'x'.repeat(1_100_000)}\n`, {}, env)).toEqual([`file-too-large ${file}:1`]);
  });
});

describe('host ports', () => {
  const env = withoutCompose();
  const service = (name: string, ports: string, manifest = '') => ({
    ...composeService(name, `services:\n  app:\n    image: a:1\n    ports: [${ports}]\n`),
    ...(manifest === '' ? {} : { [`services/${name}/service.yml`]: manifest }),
  });

  it('that two services publish on one target are told at the one that is asked for', async () => {
    const { path } = repositoryWith({
      ...service('one', '"8080:80"'),
      ...service('two', '"127.0.0.1:8080:80"'),
    });
    for (const [asked, other] of [
      ['one', 'two'],
      ['two', 'one'],
    ] as const) {
      const report = await validate(path, { ...off, env, services: [asked] });
      expect(brief(report.problems)).toEqual([`duplicate-port services/${asked}/compose.yml:4`]);
      expect(report.problems[0]?.message).toContain(`the service "${other}" on homelab`);
    }
    expect((await validate(path, { ...off, env })).problems).toHaveLength(1);
    expect((await validate(path, { ...off, env, services: [] })).problems).toEqual([]);
  });

  it('do not clash by another protocol, address, target, or when they are never deployed', async () => {
    const { path } = repositoryWith({
      'launch.yml':
        'targets: { homelab: { runs-on: a }, aws: { runs-on: b } }\ndefaults: { target: homelab }\n',
      ...service('base', '"53:53", "127.0.0.1:9000:80"'),
      ...service('udp', '"53:53/udp"'),
      ...service('address', '"127.0.0.2:9000:80"'),
      ...service('elsewhere', '"53:53"', 'target: aws\n'),
      ...service('disabled', '"53:53"', 'enabled: false\n'),
      ...scriptService('script'),
    });
    expect(brief((await validate(path, { ...off, env })).problems)).toEqual([]);
  });

  it('clash inside of one service, in ranges, and by variables', async () => {
    const { path } = repositoryWith({
      ...composeService(
        'web',
        'services:\n  a: { image: "x:1", ports: ["8000-8005:80-85"] }\n  b: { image: "x:1", ports: ["${PORT}:80"] }\n',
      ),
      'services/web/service.yml': 'env: { PORT: 8003 }\n',
      ...composeService(
        'profiles',
        'services:\n  a: { image: "x:1", ports: ["9000:80"] }\n  b: { image: "x:1", ports: ["9000:80"], profiles: [debug] }\n',
      ),
    });
    expect(brief((await validate(path, { ...off, env })).problems)).toEqual([`duplicate-port ${file}:3`]);
  });
});

it('reads a submodule from disk, and says when it is not there', async () => {
  const module = createRepository();
  module.commit({
    'README.md': '# module\n',
    'deploy.sh': '#!/bin/sh\necho\n',
    'health-check.sh': goodScript,
  });
  const repository = repositoryWith({});
  repository.git('submodule', '--quiet', 'add', module.url, 'services/module');
  repository.commit({});
  expect(brief((await validate(repository.path, off)).problems)).toEqual([
    'script-not-executable services/module/deploy.sh:1',
  ]);
  const { path } = repository.clone();
  expect(brief((await validate(path, off)).problems)).toEqual(['submodule-not-checked-out services/module']);
});
