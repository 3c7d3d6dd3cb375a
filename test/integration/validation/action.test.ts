import { readFileSync } from 'node:fs';
import { afterAll, expect, it } from '@jest/globals';
import type { Report } from '../../../src/core/validation/report.ts';
import type { SarifLog } from '../../../src/core/validation/sarif.ts';
import { type Files, removeRepositories } from '../../support/repository.ts';
import { runAction } from '../../support/run-action.ts';
import { requireTools } from '../../support/tools.ts';
import { composeService, repositoryWith, scriptService } from '../../support/validating.ts';

afterAll(removeRepositories);

/** Put together at run time, so that no scanner takes this file for a leak. */
const leaked = ['AKIA', 'IOSFODNN7EXAMPLE'].join('');

function reportOf(outputs: Readonly<Record<string, string>>): Report {
  return JSON.parse(readFileSync(outputs['report'] ?? '', 'utf8')) as Report;
}

requireTools('node24', 'shellcheck')('the action validate-service', () => {
  it('passes services that are right', async () => {
    const result = await runAction('validate-service', { cwd: repositoryWith(scriptService('web')).path });
    expect(result).toMatchObject({
      exitCode: 0,
      annotations: [],
      outputs: { valid: 'true', errors: '0', warnings: '0' },
    });
    expect(result.summary).toContain('1 service validated, nothing to mend');
    expect(reportOf(result.outputs)).toMatchObject({ version: 1, valid: true, problems: [] });
  });

  it('fails with one paragraph, and still writes outputs, report, SARIF and summary', async () => {
    const { path } = repositoryWith({
      ...scriptService('web'),
      'services/web/deploy.sh': { executable: `#!/bin/sh\necho ${leaked}\n` },
    });
    const result = await runAction('validate-service', { cwd: path });
    expect(result.exitCode).toBe(1);
    expect(result.outputs).toMatchObject({ valid: 'false', errors: '1', warnings: '0' });
    expect(result.annotations).toMatchObject([
      { level: 'error', title: 'hard-coded-credential', file: 'services/web/deploy.sh', line: 2 },
      { level: 'error', title: 'VALIDATION_FAILED' },
    ]);
    const sarif = JSON.parse(readFileSync(result.outputs['sarif'] ?? '', 'utf8')) as SarifLog;
    expect(sarif.runs[0].results).toHaveLength(1);
    expect(result.outputs['report']).toMatch(new RegExp(`^${result.temp}/`));
    const everything = [
      result.stdout,
      result.stderr,
      result.summary,
      JSON.stringify([sarif, reportOf(result.outputs)]),
    ];
    for (const text of everything) expect(text).not.toContain(leaked);
  });

  it('shows the ten weightiest of a kind, and tells all', async () => {
    const services = Array.from({ length: 30 }, (_, i) => scriptService(`s${String(i).padStart(2, '0')}`));
    const bad = Object.assign({}, ...services) as Files;
    const names = Object.keys(bad).filter((name) => name.endsWith('deploy.sh'));
    const { path } = repositoryWith({
      ...bad,
      ...Object.fromEntries(names.map((name) => [name, { executable: '#!/bin/sh\nif\nunused=1\n' }])),
      'services/s29/health-check.sh': { executable: `#!/bin/sh\necho ${leaked}\n` },
    });
    const result = await runAction('validate-service', { cwd: path });
    const errors = result.annotations.filter(({ level }) => level === 'error');
    expect(errors).toHaveLength(10);
    expect(errors[0]).toMatchObject({ title: 'hard-coded-credential', file: 'services/s29/health-check.sh' });
    expect(errors.at(-1)).toMatchObject({ title: 'VALIDATION_FAILED' });
    expect(Number(result.outputs['errors'])).toBeGreaterThan(30);
    expect(reportOf(result.outputs).problems.length).toBe(
      Number(result.outputs['errors']) + Number(result.outputs['warnings']),
    );
    expect(result.stdout).toContain('in the summary and the report only');
  });

  it('lets no file name become a command of the runner', async () => {
    const name = 'services/web/x,y:z%0A::error::hello\n::set-output name=valid::true.sh';
    const { path } = repositoryWith({
      ...scriptService('web'),
      [name]: { executable: '#!/bin/sh\nunused=1\n' },
    });
    const result = await runAction('validate-service', { cwd: path });
    expect(result.annotations).toMatchObject([{ level: 'warning', title: 'SC2034', file: name, line: 2 }]);
    expect(result.commands.filter((command) => command.name === 'set-output')).toEqual([]);
    expect(result.outputs).toMatchObject({ valid: 'true', warnings: '1' });
  });

  it('takes its inputs at their word', async () => {
    const { path } = repositoryWith({
      ...scriptService('web'),
      ...scriptService('api'),
      'services/api/README.md': null,
    });
    const run = async (inputs: Readonly<Record<string, string>>) =>
      await runAction('validate-service', { cwd: path, inputs });
    expect((await run({ services: '["web"]' })).exitCode).toBe(0);
    expect((await run({ services: '[]' })).summary).toContain('No service to validate');
    expect((await run({ services: 'api' })).outputs).toMatchObject({ errors: '1' });
    expect((await run({ services: 'api', 'required-files': 'deploy.sh' })).exitCode).toBe(0);
    for (const [inputs, said] of [
      [{ services: 'wep' }, 'SERVICE_NOT_FOUND'],
      [{ 'required-files': ',' }, 'CONFIG_INVALID'],
      [{ 'fail-on': 'never' }, 'CONFIG_INVALID'],
      [{ shellcheck: 'true' }, 'CONFIG_INVALID'],
      [{ config: '../launch.yml' }, 'CONFIG_INVALID'],
    ] as const) {
      const result = await run(inputs);
      expect(result.exitCode).toBe(1);
      expect(result.annotations).toMatchObject([{ level: 'error', title: said }]);
    }
  });

  it('says when shellcheck can not be had', async () => {
    const { path } = repositoryWith(scriptService('web'));
    const bin = repositoryWith({ 'bin/git': { symlink: '/usr/bin/git' } }).path;
    const run = async (inputs: Readonly<Record<string, string>>) =>
      // No name server is asked: the proxy that is named refuses.
      await runAction('validate-service', {
        cwd: path,
        inputs,
        env: { PATH: `${bin}/bin`, HTTPS_PROXY: 'http://127.0.0.1:9', NO_PROXY: undefined },
      });
    expect(await run({})).toMatchObject({
      exitCode: 0,
      annotations: [{ level: 'warning', title: 'shellcheck-unavailable' }],
    });
    expect(await run({ shellcheck: 'warning' })).toMatchObject({ exitCode: 1, outputs: { valid: 'false' } });
    expect(await run({ shellcheck: 'off' })).toMatchObject({ exitCode: 0, annotations: [] });
  });
});

requireTools('node24', 'compose')('the bundle', () => {
  it('holds compose files against the parser and the schema', async () => {
    const { path } = repositoryWith(composeService('web', 'services:\n  web:\n    imgae: a:1\n'));
    const result = await runAction('validate-service', { cwd: path, inputs: { shellcheck: 'off' } });
    expect(result.annotations[0]).toMatchObject({
      title: 'compose-invalid',
      file: 'services/web/compose.yml',
      line: 3,
    });
    expect(result.annotations[0]?.message).toContain('Did you mean "image"?');
  });
});
