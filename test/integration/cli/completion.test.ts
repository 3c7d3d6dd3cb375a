import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, it } from '@jest/globals';
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

const releases = ['20260101T000000Z-aaaaaaa', '20260102T000000Z-bbbbbbb'] as const;

/** A checkout and a machine on which one of its services was deployed; and of each some that mean harm. */
function place() {
  const repository = createRepository();
  repository.git('remote', 'add', 'origin', 'https://github.com/octo/shop.git');
  repository.commit({
    'launch.yml': 'targets: { homelab: { runs-on: homelab }, edge: { runs-on: ubuntu-latest } }\n',
    'services/web/deploy.sh': '',
    'services/website/deploy.sh': '',
    'services/api/deploy.sh': '',
    'instances/acme.json': '{}',
    'instances/$(touch pwned).json': '{}',
    'instances/--purge.json': '{}',
  });
  const stateDir = temporaryFolder('launch-state-');
  for (const id of releases)
    mkdirSync(join(stateDir, 'octo/shop/homelab/web/releases', id), { recursive: true });
  for (const name of ['$(touch pwned)', '`touch pwned`', 'a b', '-rf', 'x;touch pwned', 'gone']) {
    mkdirSync(join(stateDir, 'octo/shop/homelab', name), { recursive: true });
  }
  mkdirSync(join(stateDir, 'octo/other/homelab/another'), { recursive: true });
  return { cwd: repository.path, stateDir };
}

describe('launch __complete', () => {
  const candidates = async (cwd: string, ...words: string[]) => {
    const { stdout, stderr, exitCode } = await launch(['__complete', '--', ...words], { cwd });
    expect([exitCode, stderr]).toEqual([0, '']);
    return stdout.split('\n').map((line) => line.replace(/\t.*/, ''));
  };

  it('knows the services, targets, releases, instances and templates', async () => {
    const { cwd, stateDir } = place();
    const at = ['--state-dir', stateDir];
    expect(await candidates(cwd, 'deploy', ...at, '')).toEqual([
      'words',
      'api',
      'web',
      'website',
      'gone',
      '',
    ]);
    expect(await candidates(cwd, 'deploy', ...at, 'web')).toEqual(['words', 'web', 'website', '']);
    expect(await candidates(cwd, 'plan', '--target', '')).toEqual(['words', 'homelab', 'edge', '']);
    expect(await candidates(cwd, 'rollback', 'web', ...at, '--to', '')).toEqual([
      'words',
      ...releases.toReversed(),
      '',
    ]);
    expect(await candidates(cwd, 'instance', 'status', '')).toEqual(['words', 'acme', '']);
    expect(await candidates('/', 'new', 'x', '--template', 'we')).toEqual(['words', 'web', '']);
    expect(await candidates('/', 'deploy', '-C', cwd, ...at, 'ap')).toEqual(['words', 'api', '']);
  });

  it('says nothing where something is wrong', async () => {
    const { cwd } = place();
    const nowhere = temporaryFolder('launch-nowhere-');
    expect(await candidates(nowhere, 'instance', 'status', '')).toEqual(['words', '']);
    expect(await candidates(cwd, 'deploy', '-C', '/not/there', '')).toEqual(['words', '']);
    expect(await candidates(cwd, 'deploy', '--state-dir', 'not absolute', '')).toEqual(['words', '']);
    writeFileSync(join(cwd, 'launch.yml'), 'targets: [');
    expect(await candidates(cwd, 'plan', '--target', '')).toEqual(['words', '']);
    // What was deployed here is known all the same.
    const stateDir = temporaryFolder('launch-state-');
    mkdirSync(join(stateDir, 'octo/shop/homelab/website'), { recursive: true });
    expect(await candidates(cwd, 'logs', '--state-dir', stateDir, '')).toEqual(['words', 'website', '']);
  });
});

it('launch completion prints a script for each shell, and knows no other', async () => {
  const cwd = temporaryFolder('launch-nowhere-');
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { stdout } = await launch(['completion', shell], { cwd });
    expect((await launch(['completion', shell, '--json'], { cwd })).json()).toEqual({
      shell,
      script: stdout,
    });
    // What has been typed may hold anything.
    expect(stdout).not.toMatch(/\beval\b|compgen -W/);
  }
  const { exitCode, stderr } = await launch(['completion', 'csh'], { cwd });
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining('bash, zsh, fish')]);
});

/** A folder with a `launch` that completes as the real one does, and tells what it was run with instead of running it. */
function standIn(): string {
  const folder = temporaryFolder('launch-bin-');
  const file = join(folder, 'launch');
  const cli = `'${node24()}' '${join(ROOT, 'dist/cli/index.js')}'`;
  const lines = [
    '#!/bin/sh',
    `case $1 in __complete | completion) exec ${cli} "$@" ;; esac`,
    "printf 'RAN'; printf '[%s]' \"$@\"; echo",
    '',
  ];
  writeFileSync(file, lines.join('\n'));
  chmodSync(file, 0o755);
  return folder;
}

/** Types into a real interactive shell, at a terminal of its own; returns what `launch` was run with. */
async function type(keys: readonly string[], { cwd, stateDir }: ReturnType<typeof place>): Promise<string[]> {
  const home = temporaryFolder('launch-home-');
  const rc = join(home, 'rc');
  writeFileSync(rc, 'PS1=; bind "set bell-style none"; source <(launch completion bash)\n');
  const shell = spawn('script', ['-qec', `bash --noprofile --rcfile ${rc} -i`, '/dev/null'], {
    cwd,
    env: {
      ...hermeticGitEnv(),
      HOME: home,
      TERM: 'dumb',
      PATH: `${standIn()}${delimiter}${process.env['PATH']}`,
      STATE: stateDir,
    },
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: 50_000,
  });
  shell.stdin.write(keys.map((line) => `${line}\n`).join(''));
  shell.stdin.end('exit\n');
  const shown = await text(shell.stdout);
  return [...shown.matchAll(/^RAN(.*?)\r?$/gm)].map(([, args = '']) => args);
}

requireTools(
  'bash',
  'script',
  'node24',
)('bash', () => {
  it('completes commands, options, names, values and files', async () => {
    const at = place();
    writeFileSync(join(at.cwd, 'secrets.env'), '');
    const state = `--state-dir ${at.stateDir}`;
    const ran = await type(
      [
        'launch dep\tap\t--dry\t',
        'launch plan --target ho\t',
        'launch plan --target=ed\t--dif\t',
        `launch rollback ${state} web --to 20260102\t`,
        'launch edge u\t--tls o\t',
        'launch deploy --secrets-file secr\t',
        'launch deploy -C serv\t',
        'launch instance status a\t',
        'launch nothing-like-that \tx',
      ],
      at,
    );
    expect(ran).toEqual([
      '[deploy][api][--dry-run]',
      '[plan][--target][homelab]',
      '[plan][--target=edge][--diff]',
      `[rollback][--state-dir][${at.stateDir}][web][--to][${releases[1]}]`,
      '[edge][up][--tls][off]',
      '[deploy][--secrets-file][secrets.env]',
      '[deploy][-C][services/]',
      '[instance][status][acme]',
      '[nothing-like-that][x]',
    ]);
  });

  it('runs nothing of what has been typed, nor of what folders are called', async () => {
    const at = place();
    // Ctrl-U throws the line away.
    const away = '\x15';
    const ran = await type(
      [
        `launch deploy "$(touch pwned)" \t${away}`,
        `launch deploy \`touch pwned\` \t\t${away}`,
        `launch deploy --target=$(touch pwned)\t\t${away}`,
        `launch rollback --state-dir ${at.stateDir} \t\t${away}`,
        `launch instance status \t`,
      ],
      at,
    );
    expect(ran).toEqual(['[instance][status][acme]']);
    expect(existsSync(join(at.cwd, 'pwned'))).toBe(false);
  });
});
