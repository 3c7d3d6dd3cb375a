import { afterAll, describe, expect, it } from '@jest/globals';
import { removeRepositories } from '../../support/repository.ts';
import { requireTools } from '../../support/tools.ts';
import {
  brief,
  composeService,
  goodScript,
  repositoryWith,
  scriptService,
  validate,
  validateFiles,
} from '../../support/validating.ts';

afterAll(removeRepositories);

const suite = requireTools('shellcheck');

suite('validateServices', () => {
  it('finds nothing in services that are right, whatever their driver', async () => {
    const report = await validate(
      repositoryWith({
        ...scriptService('script'),
        ...composeService('composed', 'services: { web: { image: "nginx:1.29" } }\n'),
        'services/worker/README.md': '# worker\n',
        'services/worker/wrangler.jsonc': '{ "name": "worker", "main": "index.js" }\n',
        'services/worker/index.js': 'export default {};\n',
        'services/worker/service.yml': 'health: [{ http: "https://worker.example.org/" }]\n',
      }).path,
    );
    expect(report).toMatchObject({ valid: true, errors: 0, warnings: 0, problems: [] });
    expect(report.services.map((service) => service.name)).toEqual(['composed', 'script', 'worker']);
  });

  it('says before it is too late that a script can not be taken down', async () => {
    const files = { ...scriptService('script'), 'services/script/service.yml': 'on-delete: stop\n' };
    const report = await validate(repositoryWith(files).path);
    expect(report).toMatchObject({ valid: true, errors: 0, warnings: 1 });
    expect(report.problems.map(({ rule, service }) => `${service} ${rule}`)).toEqual(['script no-way-down']);
    const script = { executable: '#!/bin/sh\nset -eu\n' };
    const mended = await validate(repositoryWith({ ...files, 'services/script/remove.sh': script }).path);
    expect(mended).toMatchObject({ valid: true, warnings: 0 });
  });

  it('asks for a README, a way to deploy and a way to check health', async () => {
    expect(
      await validateFiles({
        'services/bare/service.yml': 'target: homelab\n',
        'services/web/compose.yml': 'services: { web: { image: "a:1" } }\n',
        'services/checked/README.md': '',
        'services/checked/compose.yml':
          'services: { web: { image: "a:1", healthcheck: { test: [CMD, x] } } }\n',
      }),
    ).toEqual([
      'no-deployment services/bare/service.yml:1',
      'no-health-check services/bare/service.yml:1',
      'required-file services/bare/service.yml:1',
      'no-health-check services/web/compose.yml:1',
      'required-file services/web/compose.yml:1',
    ]);
  });

  it('asks for exactly the required files that are named', async () => {
    const files = composeService('web', 'services: { web: { image: "a:1" } }\n');
    const report = await validate(repositoryWith(files).path, {
      requiredFiles: ['README.md', 'deploy.sh', 'health-check.sh'],
    });
    expect(report.problems.map(({ message }) => message)).toEqual(['The service "web" has no deploy.sh.']);
    await expect(validate(repositoryWith(files).path, { requiredFiles: ['../x'] })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
  });

  it('tells every mistake of service.yml and launch.yml at its line', async () => {
    expect(
      await validateFiles({
        'launch.yml': 'targets:\n  homelab: { runs-on: x, hots: y }\ndefalts: {}\n',
        ...scriptService('web'),
        'services/web/service.yml':
          'target: homelab\nstratgy: rolling\nhealth:\n  - { http: nonsense }\nenabled: maybe\n',
        ...scriptService('broken'),
        'services/broken/service.yml': 'a: [1\nb: 2\n',
      }),
    ).toEqual([
      'unknown-key launch.yml:2',
      'unknown-key launch.yml:3',
      expect.stringMatching(/^yaml-syntax services\/broken\/service.yml:\d$/),
      'unknown-key services/web/service.yml:2',
      'invalid-value services/web/service.yml:4',
      'invalid-type services/web/service.yml:5',
    ]);
  });

  it('asks for a route where two releases are to run side by side', async () => {
    const files = composeService('web', 'services: { web: { image: example/web:1 } }\n');
    const route = 'route: { host: web.example.org, port: 80 }\n';
    const rulesOf = async (settings: string) => {
      const report = await validate(repositoryWith({ ...files, 'services/web/service.yml': settings }).path);
      return report.problems.map(({ rule }) => rule).filter((rule) => rule.startsWith('strategy'));
    };
    expect(await rulesOf('strategy: blue-green\n')).toEqual(['strategy-without-route']);
    expect(await rulesOf(`strategy: blue-green\n${route}`)).toEqual([]);
  });

  it('checks targets, dependencies, hooks, inputs and the strategy at their lines', async () => {
    const report = await validate(
      repositoryWith({
        ...scriptService('web'),
        'services/web/service.yml': [
          'target: homelap',
          'strategy: rolling',
          'depends-on:',
          '  - database',
          '  - other',
          'inputs:',
          '  - ../../shared/**',
          '  - ../../../outside',
          'hooks: { pre-deploy: ./migrate.sh,',
          '  post-deploy: ./warm.sh }',
          '',
        ].join('\n'),
        'services/web/warm.sh': '#!/bin/sh\necho\n',
        ...scriptService('other'),
        'services/other/service.yml': 'depends-on: [web]\n',
        ...scriptService('named'),
        'services/named/target.txt': 'nowhere\n',
      }).path,
    );
    expect(report.problems.map(({ rule, place }) => `${rule} ${place.file}:${place.line}`)).toEqual([
      'target-unknown services/named/target.txt:1',
      'depends-on-order services/other/service.yml:1',
      'target-unknown services/web/service.yml:1',
      'deploy-script-strategy services/web/service.yml:2',
      'depends-on-unknown services/web/service.yml:4',
      'path-missing services/web/service.yml:7',
      'path-outside-repository services/web/service.yml:8',
      'path-missing services/web/service.yml:9',
      'script-not-executable services/web/warm.sh:1',
    ]);
    expect(report.problems.find(({ rule }) => rule === 'depends-on-order')?.message).toContain('→');
    expect(report.problems.find(({ rule }) => rule === 'deploy-script-strategy')?.remedy).toContain(
      'recreate',
    );
  });

  it('looks at the services that are asked for, disabled ones too, and refuses names that are none', async () => {
    const { path } = repositoryWith({
      ...scriptService('good'),
      'services/bad/deploy.sh': goodScript,
      'services/bad/service.yml': 'enabled: false\n',
    });
    expect((await validate(path, { services: ['good'] })).problems).toEqual([]);
    expect((await validate(path, { services: ['bad'] })).errors).toBe(2);
    expect(await validate(path, { services: [] })).toMatchObject({ valid: true, services: [] });
    await expect(validate(path, { services: ['goood'] })).rejects.toMatchObject({
      code: 'SERVICE_NOT_FOUND',
      remedy: 'Did you mean "good"?',
    });
    await expect(validate(path, { services: ['../good'] })).rejects.toMatchObject({
      code: 'SERVICE_NOT_FOUND',
    });
  });

  it('refuses a folder that can not be a service, and still checks launch.yml', async () => {
    expect(await validateFiles({ 'services/Bad_Name/deploy.sh': goodScript })).toEqual([
      'service-folder services/Bad_Name',
    ]);
  });

  it('tells every folder that can not be a service, and checks the others', async () => {
    const { path } = repositoryWith({
      'launch.yml':
        'targets: { homelab: { runs-on: x } }\ndefaults: { target: homelab }\nservices: [services/*, more/*]\n',
      'services/Bad_Name/deploy.sh': goodScript,
      'services/two words/deploy.sh': goodScript,
      'services/line\nbreak/deploy.sh': goodScript,
      'services/away': { symlink: '../../elsewhere' },
      ...scriptService('same'),
      'more/same/deploy.sh': goodScript,
      ...scriptService('good'),
      'services/bare/deploy.sh': goodScript,
    });
    const report = await validate(path);
    expect(brief(report.problems).sort()).toEqual([
      'no-health-check services/bare/deploy.sh:1',
      'required-file services/bare/deploy.sh:1',
      'service-folder more/same',
      'service-folder services/Bad_Name',
      'service-folder services/away',
      'service-folder services/line\\u000abreak',
      'service-folder services/two words',
    ]);
    expect(report.services.map(({ name }) => name)).toEqual(['bare', 'good', 'same']);
    const asked = await validate(path, { services: ['Bad_Name', 'good'] });
    expect(asked.services.map(({ name }) => name)).toEqual(['good']);
    expect(asked.valid).toBe(false);
    await expect(validate(path, { services: ['goood'] })).rejects.toMatchObject({
      code: 'SERVICE_NOT_FOUND',
    });
  });

  it('tells shared patterns that lead out, and uses the others', async () => {
    expect(
      await validateFiles({
        'launch.yml':
          'targets: { homelab: { runs-on: x } }\ndefaults: { target: homelab }\nshared:\n  - { paths: [../x], services: "*" }\n  - { paths: [common/**], services: [web] }\n',
        'common/env': 'A=1\n',
        ...scriptService('web'),
        'services/web/link': { symlink: '../../common/env' },
        ...scriptService('other'),
        'services/other/link': { symlink: '../../common/env' },
      }),
    ).toEqual(['config-invalid launch.yml', 'undeclared-input services/other/link:1']);
  });

  it('warns of secrets that nothing reads, and of those that are known to be missing', async () => {
    const files = {
      ...scriptService('web'),
      'services/web/service.yml': 'secrets:\n  - USED_IN_SCRIPT\n  - UNUSED\n',
      'services/web/deploy.sh': { executable: '#!/bin/sh\necho "$USED_IN_SCRIPT" >/dev/null\n' },
    };
    expect(await validateFiles(files, { givenSecrets: new Set(['UNUSED']) })).toEqual([
      'missing-secret services/web/service.yml:2',
      'unused-secret services/web/service.yml:3',
    ]);
  });

  it('fails on warnings only when asked to', async () => {
    const { path } = repositoryWith({
      ...scriptService('web'),
      'services/web/service.yml': 'secrets: [NOT_USED]\n',
    });
    expect((await validate(path)).valid).toBe(true);
    expect((await validate(path, { failOn: 'warning' })).valid).toBe(false);
  });
});

describe('a folder that is no git checkout', () => {
  it('is checked as it lies there, with a note', async () => {
    const { path, git } = repositoryWith({
      ...scriptService('web'),
      'services/web/deploy.sh': '#!/bin/sh\necho\n',
    });
    git('rev-parse', 'HEAD');
    const { rmSync } = await import('node:fs');
    rmSync(`${path}/.git`, { recursive: true });
    const report = await validate(path);
    expect(report.problems.map(({ rule, message }) => `${rule}: ${message}`)).toEqual([
      'script-not-executable: deploy.sh is not executable on disk.',
    ]);
    expect(report.notes[0]).toContain('not a git checkout');
  });
});
