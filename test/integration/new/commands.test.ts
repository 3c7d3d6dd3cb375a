// `launch init` and `launch new` as they ship: in repositories that have something already, without a terminal and at one.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { launch } from '../../support/launch-command.ts';
import {
  createRepository,
  hermeticGitEnv,
  removeRepositories,
  temporaryFolder,
} from '../../support/repository.ts';
import { ROOT } from '../../support/source-tree.ts';
import { node24, requireTools } from '../../support/tools.ts';

afterAll(removeRepositories);

const templates = ['api', 'database', 'gpu', 'script', 'web', 'worker'];
const initFiles = [
  'launch.yml',
  'services/README.md',
  '.github/workflows/launch-deploy.yml',
  '.github/workflows/launch-pr.yml',
  '.github/workflows/launch-rollback.yml',
  '.launch/launch.schema.json',
  '.launch/service.schema.json',
  '.vscode/settings.json',
];

function changesIn(repository: { git(...args: string[]): string }): string {
  return repository.git('status', '--porcelain', '--untracked-files=all');
}

function read(top: string, path: string): string {
  return readFileSync(join(top, path), 'utf8');
}

requireTools('node24')('launch init', () => {
  it('writes what a repository needs, and what it writes is valid', async () => {
    const repository = createRepository();
    repository.git('remote', 'add', 'origin', 'git@github.com:octo/shop.git');
    const cwd = repository.path;
    const run = await launch(
      [
        'init',
        '--json',
        '--launch',
        'Octo/launch@v1.2',
        '--host',
        '192.0.2.10',
        '--service',
        'hello',
        '--template',
        'worker',
      ],
      { cwd },
    );
    expect(run.json()).toMatchObject({
      files: initFiles.map((path) => ({ path, status: 'written' })),
      launch: 'Octo/launch@v1.2',
      workflows: 'reusable',
      branch: 'main',
      service: { service: 'hello', target: 'edge', addedTarget: 'edge' },
      dryRun: false,
    });
    expect(parse(read(cwd, 'launch.yml'))).toEqual({
      targets: {
        homelab: { 'runs-on': ['self-hosted', 'homelab'], host: '192.0.2.10', environment: 'homelab' },
        edge: { 'runs-on': 'ubuntu-latest', driver: 'worker' },
      },
      defaults: { target: 'homelab' },
    });
    expect(read(cwd, '.github/workflows/launch-deploy.yml')).toContain(
      'uses: Octo/launch/.github/workflows/deploy.yml@v1.2',
    );
    const validated = await launch(['validate', '--json'], { cwd });
    expect(validated.json()).toMatchObject({ valid: true, problems: [] });

    // A second time nothing is touched.
    repository.commit();
    expect((await launch(['init'], { cwd })).exitCode).toBe(0);
    expect(changesIn(repository)).toBe('');
  });

  it('leaves what is there, and brings its own files up to date when it is told to', async () => {
    const repository = createRepository();
    repository.commit({
      'launch.yml': 'targets:\n  aws: { runs-on: x }\n',
      '.vscode/settings.json': '{}\n',
      '.github/workflows/launch-deploy.yml': 'name: ours\n',
      '.launch/service.schema.json': '{}\n',
    });
    const cwd = repository.path;
    const dry = await launch(['init', '--dry-run', '--json', '--force'], { cwd });
    expect(dry.json()).toMatchObject({ dryRun: true, workflows: 'standalone' });
    expect(changesIn(repository)).toBe('');

    const run = await launch(['init'], { cwd });
    expect(run.stdout).toContain('kept, it is there already: launch.yml');
    expect(changesIn(repository)).not.toMatch(/^ M/m);
    const forced = await launch(['init', '--force', '--launch', 'a/b'], { cwd });
    expect(forced.stdout).toContain('replaced .github/workflows/launch-deploy.yml');
    expect(changesIn(repository).match(/^ M .*$/gm)).toEqual([
      ' M .github/workflows/launch-deploy.yml',
      ' M .launch/service.schema.json',
    ]);
  });

  it.each([
    [['--target', 'Home Lab'], /CONFIG_INVALID.*launch\.yml/],
    [['--host', 'a b'], /is not a host name or an IP address/],
    [['--launch', "a/b@v1'; x"], /It takes owner\/name/],
    [['--branch', 'a, b'], /no plain name of a branch/],
    [['--workflows', 'reusabel'], /Did you mean "reusable"/],
    [['--template', 'web'], /--service is missing/],
    [['--service', 'web'], /--template is missing/],
    [['--service', '../../etc', '--template', 'web'], /not a valid service name.*Did you mean "etc"/],
    [['--service', 'web', '--template', 'wep'], /no template "wep".*Did you mean "web"/],
  ])('refuses %j, and writes nothing', async (flags, message) => {
    const repository = createRepository();
    const run = await launch(['init', ...flags], { cwd: repository.path });
    expect(run.exitCode).toBeGreaterThan(0);
    expect(run.stderr).toMatch(message);
    expect(changesIn(repository)).toBe('');
  });

  it('needs a repository, and takes nothing back that was there when one file fails', async () => {
    const outside = await launch(['init'], { cwd: temporaryFolder() });
    expect(outside.stderr).toMatch(/CONFIG_INVALID.*git init/);
    const repository = createRepository();
    symlinkSync(temporaryFolder(), join(repository.path, '.vscode'));
    const run = await launch(['init'], { cwd: repository.path });
    expect(run.stderr).toMatch(/leads out of the repository/);
    expect(changesIn(repository)).toBe('?? .vscode');
  });
});

requireTools('node24')('launch new', () => {
  it('lists its templates', async () => {
    const run = await launch(['new', '--list', '--json'], { cwd: temporaryFolder() });
    expect(run.json()).toMatchObject({ templates: templates.map((name) => ({ name })) });
  });

  it('makes services whose ports are free, and whose settings an editor finds right', async () => {
    const repository = createRepository();
    const cwd = repository.path;
    await launch(['init'], { cwd });
    const ports: unknown[] = [];
    for (const template of [...templates, 'web']) {
      const name = `a${ports.length}`;
      const run = await launch(['new', name, '--template', template, '--add-target', '--json'], { cwd });
      ports.push((run.json() as { port: unknown }).port);
      const path = join(cwd, `services/${name}/service.yml`);
      const [, schema = ''] =
        /^# yaml-language-server: \$schema=(.*)\n/.exec(readFileSync(path, 'utf8')) ?? [];
      const validate = new Ajv({ strict: false }).compile(
        JSON.parse(readFileSync(resolve(path, '..', schema), 'utf8')),
      );
      expect([validate(parse(readFileSync(path, 'utf8'))), validate.errors]).toEqual([true, null]);
    }
    expect(ports).toEqual([3000, 5432, 8000, null, 8080, null, 8081]);
    expect((await launch(['validate', '--json'], { cwd })).json()).toMatchObject({
      valid: true,
      problems: [],
    });

    const taken = await launch(['new', 'b', '--template', 'web', '--port', '5432'], { cwd });
    expect(taken.stderr).toMatch(
      /The port 5432 is published by the service "a1"\. Name another one; 5433 is free/,
    );
    const high = await launch(['new', 'b', '--template', 'web', '--port', '65536'], { cwd });
    expect(high.stderr).toMatch(/65536 is no port/);
    const again = await launch(['new', 'a0', '--template', 'web'], { cwd });
    expect(again.stderr).toMatch(/"a0" already/);
    expect(existsSync(join(cwd, 'services/b'))).toBe(false);
  });

  it('adds a target to launch.yml when it is told to, and says how otherwise', async () => {
    const repository = createRepository();
    const before = '# Ours.\ntargets:\n  home: { runs-on: x } # the cellar\n';
    repository.commit({ 'launch.yml': before });
    const cwd = repository.path;
    const refused = await launch(['new', 'hello', '--template', 'worker'], { cwd });
    expect(refused.stderr).toMatch(
      /Add --add-target, or add a line .*edge: \{ runs-on: ubuntu-latest, driver: worker \}/,
    );
    expect(changesIn(repository)).toBe('');
    await launch(['new', 'hello', '--template', 'worker', '--add-target'], { cwd });
    // Services without a target went to the only one there was; they still do.
    expect(read(cwd, 'launch.yml')).toBe(
      `${before}  edge: { runs-on: ubuntu-latest, driver: worker }\ndefaults: { target: home }\n`,
    );
    // Without the schemas no line leads to them.
    expect(read(cwd, 'services/hello/service.yml')).toMatch(/^target: edge\n/);
  });

  it('puts services where launch.yml says, and nowhere else', async () => {
    const repository = createRepository();
    repository.commit({ 'launch.yml': 'services: [apps/*]\n' });
    const cwd = repository.path;
    const run = await launch(['new', 'site', '--template', 'web', '--json'], { cwd });
    expect(run.json()).toMatchObject({ folder: 'apps/site', target: null });
    repository.commit({ 'launch.yml': 'services: "apps/*/deploy"\n' });
    const refused = await launch(['new', 'other', '--template', 'web'], { cwd });
    expect(refused.stderr).toMatch(/Make it by hand.*apps\/\*\/deploy/);
    repository.commit({ 'launch.yml': 'services: elsewhere/*\n', elsewhere: { symlink: temporaryFolder() } });
    expect((await launch(['new', 'out', '--template', 'web'], { cwd })).stderr).toMatch(
      /out of the repository/,
    );
  });
});

/** Types `keys` one after the other at a terminal, each once the screen shows what stands before it. */
async function atTerminal(
  cwd: string,
  args: readonly string[],
  keys: readonly (readonly [shown: string, typed: string])[],
) {
  const line = [node24(), resolve(ROOT, 'dist/cli/index.js'), ...args].map((it) => `'${it}'`).join(' ');
  const child = spawn(
    'script',
    ['--quiet', '--return', '--command', `stty columns 120 rows 40; ${line}`, '/dev/null'],
    {
      cwd,
      env: { ...hermeticGitEnv(), HOME: cwd, TERM: 'xterm' },
      stdio: ['pipe', 'pipe', 'inherit'],
      timeout: 30_000,
    },
  );
  const waiting = [...keys];
  let screen = '';
  child.stdout.on('data', (chunk: Buffer) => {
    screen += chunk.toString();
    const [next] = waiting;
    if (next === undefined || !screen.includes(next[0])) return;
    waiting.shift();
    screen = '';
    child.stdin.write(next[1]);
  });
  const ended = new Promise<number | null>((done) => child.once('close', done));
  const [shown, exitCode] = await Promise.all([text(child.stdout), ended]);
  return { shown, exitCode, left: waiting };
}

requireTools('node24', 'script')('at a terminal', () => {
  it('everything is asked, and what is wrong is asked again', async () => {
    const repository = createRepository();
    const run = await atTerminal(
      repository.path,
      ['init'],
      [
        ['Name of the place', '\r'],
        ['Labels', 'self-hosted,cellar\r'],
        ['host name', '192.0.2.7\r'],
        ['environment', '\r'],
        ['copy of Launch', 'octo-org/launch\r'],
        ['Which form', '\r'],
        ['first service', '\u001b[A\u001b[A\u001b[A\r'],
        ['Name of the service', 'My Site\r'],
        ['For example: my-site', '\u0015my-site\r'],
        ['Which port', '\r'],
      ],
    );
    expect(run).toMatchObject({ exitCode: 0, left: [] });
    expect(parse(read(repository.path, 'launch.yml'))).toMatchObject({
      targets: {
        homelab: { 'runs-on': ['self-hosted', 'cellar'], host: '192.0.2.7', environment: 'homelab' },
      },
    });
    expect(read(repository.path, 'services/my-site/compose.yaml')).toContain('"8080:80"');
  });

  it.each([
    ['Ctrl-C', '\u0003'],
    ['Ctrl-D', '\u0004'],
  ])('%s in the middle leaves nothing', async (_key, typed) => {
    const repository = createRepository();
    const run = await atTerminal(
      repository.path,
      ['init'],
      [
        ['Name of the place', '\r'],
        ['Labels', typed],
      ],
    );
    expect(run.exitCode).toBe(1);
    expect(run.shown).toContain('CANCELLED');
    expect(changesIn(repository)).toBe('');
  });

  it('a target is added with consent', async () => {
    const repository = createRepository();
    repository.commit({ 'launch.yml': 'targets:\n  home: { runs-on: x }\n' });
    mkdirSync(join(repository.path, 'services'));
    const run = await atTerminal(
      repository.path,
      ['new', 'hello', '--template', 'worker'],
      [['Add the target', 'y']],
    );
    expect(run.exitCode).toBe(0);
    expect(read(repository.path, 'launch.yml')).toContain('edge:');
  });
});
