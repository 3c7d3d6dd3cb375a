// How long each action takes to start, as a multiple of `node -e 0`: the whole process in an empty repository and
// without inputs, in which it reads what it is asked, and says what is missing or that there is nothing to do. That
// is held to a budget. Then, for comparison, the whole of the least work: one service, its configuration read.
//
// Usage: node bench/startup.ts [--pairs 21] [--check] [name...]
//
//   --check   exit 1 when something that is held to the budget exceeds it
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import {
  type ActionFile,
  actionNames,
  isJavaScript,
  readActionFile,
} from '../scripts/generate/action-file.ts';
import { type Command, compare } from './interleaved.ts';

const budget = 2.5;
const root = resolve(import.meta.dirname, '..');
const dist = join(root, 'dist');

interface Case {
  readonly name: string;
  readonly command: Command;
  /** Held to the budget. */
  readonly isStart?: boolean;
  /** What takes its own time: a program that it runs. */
  readonly also?: string;
}

function main(): void {
  const { values, positionals } = parseArgs({
    options: { pairs: { type: 'string', default: '21' }, check: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const folder = mkdtempSync(join(tmpdir(), 'launch-bench-'));
  try {
    const commit = makeRepository(folder);
    const cases = [...startCases(folder), ...actionCases(folder, commit), ...commandCases(folder)].filter(
      ({ name }) => positionals.length === 0 || positionals.includes(name),
    );
    const baseline: Command = { file: process.execPath, args: ['-e', '0'] };
    console.log('ratio  ms    what');
    for (const { name, command, isStart = false, also } of cases) {
      const { ratio, candidateMs, baselineMs } = compare(command, baseline, Number(values.pairs));
      const over = isStart && ratio > budget;
      if (over && values.check) process.exitCode = 1;
      const what = `${isStart ? 'start' : 'least work'} of ${name}${also === undefined ? '' : ` (with ${also})`}`;
      console.log(
        `${ratio.toFixed(2).padEnd(6)} ${candidateMs.toFixed(0).padEnd(5)} ${what}, node -e 0: ${baselineMs.toFixed(0)} ms${over ? `, OVER ${budget}` : ''}`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A repository with one service that is a script, changed by its last commit. */
function makeRepository(folder: string): string {
  const write = (path: string, text: string, mode = 0o644) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text, { mode });
  };
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=bench', '-c', 'user.email=bench@localhost', ...args], {
      cwd: folder,
      encoding: 'utf8',
    }).trim();
  write('launch.yml', 'targets:\n  here: { runs-on: [self-hosted, here], host: 127.0.0.1 }\n');
  write('services/site/service.yml', 'target: here\n');
  write('services/site/README.md', '# Site\n');
  write('services/site/deploy.sh', '#!/bin/sh\nset -e\necho deployed\n', 0o755);
  write('services/site/health-check.sh', '#!/bin/sh\nexit 0\n', 0o755);
  git('init', '--quiet', '--initial-branch=main');
  git('add', '--all');
  git('commit', '--quiet', '--message=first');
  const first = git('rev-parse', 'HEAD');
  write('services/site/README.md', '# The site\n');
  git('add', '--all');
  git('commit', '--quiet', '--message=second');
  return first;
}

/** Inputs with which an action does its least, and all of it. Actions that ask an API are not here. */
const runs: Readonly<
  Record<string, { readonly inputs: Readonly<Record<string, string>>; readonly also?: string }>
> = {
  'detect-changed-services': { inputs: { since: 'event' }, also: 'git' },
  'resolve-runner-target': { inputs: { services: '["site"]' } },
  'validate-service': { inputs: { services: 'site', shellcheck: 'off' }, also: 'git' },
  'health-check': { inputs: { command: 'true' }, also: 'a command' },
};

function startCases(folder: string): Case[] {
  const empty = join(folder, '.git/empty');
  mkdirSync(empty);
  execFileSync('git', ['init', '--quiet', '--initial-branch=main'], { cwd: empty });
  const event = join(empty, '.git/event.json');
  writeFileSync(event, '{"ref":"refs/heads/main"}');
  return actionNames(root).flatMap((name) => {
    const action = readActionFile(root, name);
    if (!isJavaScript(action)) return [];
    const env = { ...runnerEnvironment(empty, event), ...inputVariables(action, {}) };
    const args = [join(dist, name, 'index.js')];
    const command = { file: process.execPath, args, cwd: empty, env, refusal: 'CONFIG_INVALID' };
    return [{ name, isStart: true, command }];
  });
}

function actionCases(folder: string, before: string): Case[] {
  const event = join(folder, '.git/event.json');
  writeFileSync(event, JSON.stringify({ before, ref: 'refs/heads/main' }));
  return actionNames(root).flatMap((name) => {
    const run = runs[name];
    const action = readActionFile(root, name);
    if (run === undefined || !isJavaScript(action)) return [];
    return {
      name,
      ...(run.also === undefined ? {} : { also: run.also }),
      command: {
        file: process.execPath,
        args: [join(dist, name, 'index.js')],
        cwd: folder,
        env: { ...runnerEnvironment(folder, event), ...inputVariables(action, run.inputs) },
      },
    };
  });
}

function commandCases(folder: string): Case[] {
  const cli = (...args: readonly string[]): Command => ({
    file: process.execPath,
    args: [join(dist, 'cli/index.js'), ...args],
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder },
  });
  return [
    { name: 'launch --version', command: cli('--version') },
    { name: 'launch plan', command: cli('plan'), also: 'git' },
  ];
}

function runnerEnvironment(folder: string, event: string): NodeJS.ProcessEnv {
  const files = ['GITHUB_OUTPUT', 'GITHUB_STEP_SUMMARY', 'GITHUB_ENV', 'GITHUB_STATE'].map((name) => {
    const file = join(folder, '.git', name.toLowerCase());
    writeFileSync(file, '');
    return [name, file];
  });
  return {
    ...Object.fromEntries(files),
    PATH: process.env['PATH'],
    HOME: folder,
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_EVENT_NAME: 'push',
    GITHUB_EVENT_PATH: event,
    GITHUB_REF: 'refs/heads/main',
    GITHUB_REPOSITORY: 'octo/shop',
    GITHUB_RUN_ID: '1',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_WORKSPACE: folder,
    RUNNER_TEMP: join(folder, '.git'),
  };
}

function inputVariables(action: ActionFile, given: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(action.inputs).map(([name, input]) => {
      const fallback = String(input.default ?? '');
      // The token is the only expression among the defaults; without one nothing is asked.
      const value = given[name] ?? (fallback.startsWith('${{') ? '' : fallback);
      return [`INPUT_${name.toUpperCase()}`, value];
    }),
  );
}

main();
