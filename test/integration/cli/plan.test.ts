import { afterAll, describe, expect, it } from '@jest/globals';
import { launch } from '../../support/launch-command.ts';
import { createRepository, removeRepositories, temporaryFolder } from '../../support/repository.ts';

afterAll(removeRepositories);

const compose = 'services: { app: { image: example/app:1, ports: ["8080:80"] } }\n';

describe('launch plan', () => {
  it('plans every service of a repository without any configuration', async () => {
    const repository = createRepository();
    repository.commit({ 'services/web/compose.yaml': compose, 'services/job/deploy.sh': '#!/bin/sh\n' });
    const { exitCode, stdout } = await launch(['plan'], { cwd: repository.path });
    expect(exitCode).toBe(0);
    expect(stdout.split('\n')[0]).toBe('To deploy: 2 services to default');
    expect(stdout).toMatch(/^1 +job +default +script/m);
    expect(stdout).toMatch(/^1 +web +default +compose/m);
  });

  it('prints no line of a compose file that a runner would take for a command', async () => {
    const repository = createRepository();
    const file = (tag: string) =>
      `services:\n  app:\n    image: example/app:${tag}\n    command: |\n      one\n      ::error::forged\n`;
    const base = repository.commit({ 'services/web/compose.yaml': file('1') });
    const head = repository.commit({ 'services/web/compose.yaml': file('2') });
    const run = await launch(['plan', '--base', base, '--head', head, '--diff'], { cwd: repository.path });
    expect(run.stdout).toContain('-    image: example/app:1\n+    image: example/app:2');
    expect(run.stdout).toMatch(/error::forged/);
    expect(run.stdout).not.toMatch(/^\s*::/m);
  });

  it('names what changed between two commits, from the commits and not from the working tree', async () => {
    const repository = createRepository();
    const base = repository.commit({
      'launch.yml': 'targets: { home: { runs-on: [self-hosted, home], host: 192.0.2.10 } }\n',
      'services/web/compose.yaml': compose,
      'services/api/deploy.sh': '#!/bin/sh\n',
      'services/old/deploy.sh': '#!/bin/sh\n',
    });
    const head = repository.commit({ 'services/web/page.html': 'new', 'services/old/deploy.sh': null });
    repository.commit({ 'services/api/deploy.sh': '#!/bin/sh\nlater\n' });
    repository.write({ 'services/web/service.yml': 'target: not-committed\n' });
    const run = await launch(['plan', '--base', base, '--head', head, '--json'], { cwd: repository.path });
    expect(run.exitCode).toBe(0);
    expect(run.json()).toEqual({
      base,
      head,
      deleted: ['old'],
      removals: [{ service: 'old', target: 'home', driver: 'script', 'on-delete': 'report' }],
      waves: [['web']],
      disabled: [],
      services: {
        web: {
          home: {
            driver: 'compose',
            wave: 1,
            'runs-on': ['self-hosted', 'home'],
            environment: '',
            url: 'http://192.0.2.10:8080',
            why: [expect.stringContaining('page.html'), 'the only target there is'],
          },
        },
      },
    });
  });

  it('puts what others depend on into an earlier wave, and leaves out what is not enabled', async () => {
    const repository = createRepository();
    repository.commit({
      'services/web/deploy.sh': '#!/bin/sh\n',
      'services/web/service.yml': 'depends-on: [store]\n',
      'services/store/deploy.sh': '#!/bin/sh\n',
      'services/draft/deploy.sh': '#!/bin/sh\n',
      'services/draft/service.yml': 'enabled: false\n',
    });
    const { stdout } = await launch(['plan'], { cwd: repository.path });
    expect(stdout).toMatch(/^1 +store/m);
    expect(stdout).toMatch(/^2 +web/m);
    expect(stdout).toContain('Not enabled: draft');
  });

  it('says so when there is no such base, and does not plan everything instead', async () => {
    const repository = createRepository();
    repository.commit({ 'services/web/compose.yaml': compose });
    for (const command of ['plan', 'deploy']) {
      const { exitCode, stderr } = await launch([command, '--base', 'mian'], { cwd: repository.path });
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(/^BASE_UNAVAILABLE: The base "mian" is no commit of this repository\. .*\.$/m);
    }
  });

  it('comes to its end when nobody reads its output any more', async () => {
    const repository = createRepository();
    repository.commit({ 'services/web/compose.yaml': compose });
    const { exitCode, stderr } = await launch(['plan'], { cwd: repository.path, closeStdout: true });
    expect(exitCode).toBe(0);
    expect(stderr).not.toMatch(/EPIPE|\n\s+at /);
  });

  it('has nothing to deploy in a repository without a commit, and refuses a folder that is no repository', async () => {
    const empty = await launch(['plan'], { cwd: createRepository().path });
    expect(empty.exitCode).toBe(0);
    expect(empty.stdout).toContain('Nothing to deploy');
    const nowhere = await launch(['plan'], { cwd: temporaryFolder() });
    expect(nowhere.exitCode).toBe(1);
    expect(nowhere.stderr).toMatch(/^CONFIG_INVALID: .*is not inside a git checkout\./);
  });
});

describe('the command line itself', () => {
  it('says what is wrong with it, and ends with 2', async () => {
    const cwd = createRepository().path;
    for (const [args, complaint] of [
      [['plann'], "unknown command 'plann'"],
      [['plan', '--bse', 'x'], "unknown option '--bse'"],
      [['deploy'], 'Name the services to deploy'],
      [['deploy', 'web', '--all'], 'Use only one of'],
      [['logs'], "missing required argument 'service'"],
      [['history', 'web', '--limit', '-3'], 'Give a whole number.'],
      [['validate', '--fail-on', 'eror'], 'Did you mean "error"?'],
      [['deploy', 'web', '--env', 'NOVALUE'], '--env takes NAME=value'],
    ] as const) {
      const { exitCode, stderr } = await launch(args, { cwd });
      expect({ args, exitCode }).toEqual({ args, exitCode: 2 });
      expect(stderr).toContain(complaint);
    }
  });

  it('explains itself', async () => {
    const { exitCode, stdout } = await launch(['--help'], { cwd: temporaryFolder() });
    expect(exitCode).toBe(0);
    for (const command of ['plan', 'validate', 'deploy', 'history', 'doctor'])
      expect(stdout).toContain(command);
    expect(stdout).toContain('3 taken back');
  });

  it('knows its version', async () => {
    const { readFileSync } = await import('node:fs');
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect((await launch(['--version'], { cwd: temporaryFolder() })).stdout).toBe(`${version}\n`);
  });

  it('works in another folder with -C', async () => {
    const repository = createRepository();
    repository.commit({ 'services/web/compose.yaml': compose });
    const { stdout } = await launch(['plan', '-C', repository.path], { cwd: temporaryFolder() });
    expect(stdout).toContain('web');
  });
});
