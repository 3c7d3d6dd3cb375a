// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are compose's references, not JavaScript's
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { removeRepositories, temporaryFolder } from '../../support/repository.ts';
import { requireTools, toolPath } from '../../support/tools.ts';
import { brief, composeService, repositoryWith, validate } from '../../support/validating.ts';

afterAll(removeRepositories);

const off = { shellcheck: { severity: 'off', required: false, path: '', toolCache: '' } } as const;
const base = 'services/web/compose.yml';
const over = 'services/web/compose.override.yml';
const plain = 'services:\n  web:\n    image: a:1\n';

/** A PATH with git and without docker. */
function withoutCompose(): NodeJS.ProcessEnv {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'bin'));
  symlinkSync(toolPath('git') ?? '', join(folder, 'bin/git'));
  return { PATH: join(folder, 'bin'), HOME: folder };
}

type More = Parameters<typeof repositoryWith>[0];

async function problemsOf(compose: string, more: More, env = process.env): Promise<string[]> {
  const { path } = repositoryWith({ ...composeService('web', compose), ...more });
  return brief((await validate(path, { ...off, env })).problems);
}

describe('an override file', () => {
  it.each([
    'compose.override.yaml',
    'compose.override.yml',
    'docker-compose.override.yml',
    'docker-compose.override.yaml',
  ])('called %s is checked like the compose file, at its own lines', async (name) => {
    const override = [
      'services:',
      '  web:',
      '    image: nginx:latest',
      '    privileged: true',
      '    imgae: x',
      '    env_file: missing.env',
      '    command: ${NOWHERE}',
      '    ports: ["8080:80"]',
      '',
    ].join('\n');
    const { path } = repositoryWith({
      ...composeService('web', plain),
      [`services/web/${name}`]: override,
      ...composeService('other', 'services: { app: { image: "a:1" } }\n'),
      'services/other/compose.override.yml': 'services:\n  app:\n    ports: ["8080:80"]\n',
    });
    for (const env of [process.env, withoutCompose()]) {
      const report = await validate(path, { ...off, env, services: ['web'] });
      const file = `services/web/${name}`;
      expect(brief(report.problems)).toEqual([
        `latest-tag ${file}:3`,
        `privileged-container ${file}:4`,
        `compose-invalid ${file}:5`,
        `path-missing ${file}:6`,
        `undeclared-variable ${file}:7`,
        `duplicate-port ${file}:8`,
      ]);
    }
  });

  it('is not read where compose and a deployment would not', async () => {
    const more = {
      'services/web/compose.local.yml': 'nonsense: 1\n',
      'compose.override.yml': 'nonsense: 1\n',
    };
    expect(await problemsOf(plain, more)).toEqual([]);
    const first = {
      'services/web/compose.override.yaml': plain,
      'services/web/compose.override.yml': 'nonsense: 1\n',
    };
    expect(await problemsOf(plain, first)).toEqual([]);
  });

  it('decides where it says something else', async () => {
    const compose =
      'services:\n  web:\n    image: nginx:latest\n    privileged: true\n    cap_add: [ALL]\n    ports: ["8080:80"]\n  twin:\n    image: b:1\n    ports: ["8080:80"]\n';
    const override =
      'services:\n  web:\n    image: nginx:1.29\n    privileged: false\n    cap_add: !reset []\n    ports: !override ["8081:80"]\n';
    expect(await problemsOf(compose, { [over]: override })).toEqual([]);
    expect(await problemsOf(compose, { [over]: override }, withoutCompose())).toEqual([]);
    expect(await problemsOf(compose, {})).toEqual([
      `latest-tag ${base}:3`,
      `privileged-container ${base}:4`,
      `privileged-container ${base}:5`,
      `duplicate-port ${base}:9`,
    ]);
  });

  it('may bring the health check, and may be broken without hiding the rest', async () => {
    const bare = { 'services/web/compose.yml': plain, 'services/web/README.md': '# web\n' };
    const health = 'services: { web: { healthcheck: { test: [CMD, "true"] } } }\n';
    expect(brief((await validate(repositoryWith({ ...bare, [over]: health }).path, off)).problems)).toEqual(
      [],
    );
    expect(brief((await validate(repositoryWith(bare).path, off)).problems)).toEqual([
      `no-health-check ${base}:1`,
    ]);
    const found = await problemsOf('services:\n  web:\n    imgae: a:1\n', { [over]: 'services: [\n' });
    expect(found).toEqual([
      expect.stringMatching(/^yaml-syntax services\/web\/compose\.override\.yml:\d$/),
      `compose-invalid ${base}:3`,
    ]);
  });
});

requireTools('compose')('compose gets both files, in their order', () => {
  it('so that the base may leave to the override what it needs', async () => {
    const compose = 'services:\n  web:\n    restart: always\n    depends_on: [db]\n';
    const override = 'services:\n  web: { image: "a:1" }\n  db: { image: "b:1" }\n';
    expect(await problemsOf(compose, { [over]: override })).toEqual([]);
    expect(await problemsOf(compose, {})).toHaveLength(1);
  });

  it('and its complaint is told at the file it is about', async () => {
    expect(
      await problemsOf(plain, {
        [over]: 'services:\n  web:\n    restart: always\n    depends_on: [cache]\n',
      }),
    ).toEqual([`compose-invalid ${over}:4`]);
    expect(
      await problemsOf('services:\n  web:\n    image: a:1\n    volumes: ["data:/data"]\n', { [over]: plain }),
    ).toEqual([`compose-invalid ${base}:4`]);
    expect(await problemsOf(plain, { [over]: 'services:\n  web:\n    mem_limit: lots\n' })).toEqual([
      `compose-invalid ${over}:3`,
    ]);
  });
});

describe('extends', () => {
  const common = 'services:\n  low:\n    image: nginx\n    privileged: true\n    ports: ["8080:80"]\n';

  it('brings ports, tags and privileges, at the line of the service that extends', async () => {
    const { path } = repositoryWith({
      ...composeService(
        'web',
        'services:\n  web:\n    extends: { service: low, file: ../../common/low.yml }\n',
      ),
      'services/web/service.yml': 'inputs: [../../common]\n',
      ...composeService(
        'other',
        'services:\n  a:\n    image: a:1\n    ports: ["8080:80"]\n  b:\n    extends: a\n',
      ),
      'common/low.yml': common,
    });
    for (const env of [process.env, withoutCompose()]) {
      const report = await validate(path, { ...off, env });
      expect(brief(report.problems)).toEqual([
        'duplicate-port services/other/compose.yml:5',
        // With each of the two.
        `duplicate-port ${base}:2`,
        `duplicate-port ${base}:2`,
        `latest-tag ${base}:2`,
        `privileged-container ${base}:2`,
      ]);
    }
  });

  it('reads no file outside of the repository, and tells one that is broken or missing', async () => {
    const extending = (file: string) => `services:\n  web:\n    extends: { service: low, file: ${file} }\n`;
    const more = { 'services/web/service.yml': 'inputs: [../../common]\n' };
    expect(await problemsOf(extending('../../../../etc/passwd'), {})).toEqual([
      `path-outside-repository ${base}:3`,
    ]);
    expect(await problemsOf(extending('https://192.0.2.1/x.yml'), {})).toEqual([`remote-include ${base}:3`]);
    expect(
      await problemsOf(extending('../../common/mid.yml'), {
        ...more,
        'common/mid.yml':
          'services:\n  low:\n    extends:\n      service: x\n      file: ../../../etc/passwd\n',
      }),
    ).toEqual(['path-missing common/mid.yml:5']);
    expect(
      await problemsOf(extending('../../common/low.yml'), { ...more, 'common/low.yml': 'services: [\n' }),
    ).toEqual([expect.stringMatching(/^yaml-syntax common\/low\.yml:\d$/)]);
  });
});

describe('what launch.yml shares', () => {
  const launch = (services: string): More => ({
    'launch.yml': `targets: { homelab: { runs-on: x } }\ndefaults: { target: homelab }\nshared:\n  - { paths: [common/**], services: ${services} }\n`,
    'common/base.env': 'A=1\n',
  });
  const compose = 'services:\n  web:\n    image: a:1\n    env_file: ../../common/base.env\n';

  it.each(['"*"', '[web]'])('with %s is part of the service', async (services) => {
    expect(await problemsOf(compose, launch(services))).toEqual([]);
  });

  it('with another service is not', async () => {
    expect(await problemsOf(compose, launch('[other]'))).toContain(`undeclared-input ${base}:4`);
  });
});
