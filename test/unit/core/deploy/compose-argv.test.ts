import { describe, expect, it } from '@jest/globals';
import {
  buildArgv,
  configArgv,
  dryRunArgv,
  pullArgv,
  serviceNamesArgv,
  upArgv,
} from '../../../../src/core/deploy/compose-argv.ts';

const plugin = { program: 'docker compose', files: ['/s/compose.yml'] } as const;
const old = {
  program: 'docker-compose',
  files: ['/s/a.yml', '/s/b.yml'],
  project: 'chat',
  folder: '/s/f',
} as const;
const head = ['docker', 'compose', '--progress', 'plain'];

describe('the commands of compose', () => {
  it('read the files', () => {
    expect(configArgv({ ...plugin, project: 'chat', folder: '/s' })).toEqual([
      ...head,
      ...['--project-name', 'chat', '--project-directory', '/s', '--file', '/s/compose.yml'],
      ...['config', '--format', 'json'],
    ]);
    expect(configArgv(old)).toEqual([
      ...['docker-compose', '--ansi', 'never', '--project-name', 'chat', '--project-directory', '/s/f'],
      ...['--file', '/s/a.yml', '--file', '/s/b.yml', 'config'],
    ]);
  });

  it('start without pulling or building', () => {
    expect(upArgv(plugin)).toEqual([
      ...head,
      ...['--file', '/s/compose.yml', 'up', '--detach', '--remove-orphans', '--no-build', '--pull', 'never'],
    ]);
    expect(upArgv(old).slice(-4)).toEqual(['up', '--detach', '--remove-orphans', '--no-build']);
  });

  it('pull and build what is named', () => {
    expect(pullArgv(plugin, ['web', 'db']).slice(-4)).toEqual(['pull', '--quiet', 'web', 'db']);
    expect(buildArgv(plugin, ['web']).slice(-2)).toEqual(['build', 'web']);
  });

  it('rehearse', () => {
    expect(dryRunArgv(plugin)).toEqual([
      ...['docker', 'compose', '--dry-run', '--file', '/s/compose.yml', 'up', '--detach', '--remove-orphans'],
    ]);
  });

  it('names the services that only a profile brings in, too', () => {
    expect(serviceNamesArgv(plugin)).toEqual([
      ...['docker', 'compose', '--profile', '*', '--file', '/s/compose.yml', 'config', '--services'],
    ]);
  });
});
