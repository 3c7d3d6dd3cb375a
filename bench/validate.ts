// How long validate-service takes for 1,000 script services, as a multiple of what
// ShellCheck itself takes for the same 2,000 files with as many processes at a time.
//
// Usage: node bench/validate.ts [--pairs 5] [--check] [--root CHECKOUT]
//
//   --check   exit 1 when the budget is exceeded
//   --root    measure the dist/ of another checkout
//
// Every script is different, so that nothing can be gained by checking one for all.
// Compose files are not part of it: each is one run of `docker compose config`, and
// takes what that takes.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { findShellcheck } from '../src/adapters/shellcheck/find.ts';
import { type Command, compare } from './interleaved.ts';

const budget = 1.5;
const services = 1000;
/** What suits ShellCheck best here; with fewer files a process its start counts for more. */
const filesPerProcess = 100;

const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '5' },
    check: { type: 'boolean', default: false },
    root: { type: 'string', default: resolve(import.meta.dirname, '..') },
  },
});

function main(): void {
  const shellcheck = findShellcheck(process.env['PATH'] ?? '');
  if (shellcheck === undefined) throw new Error('There is no shellcheck. Run scripts/setup-dev.sh.');
  const folder = mkdtempSync(join(tmpdir(), 'launch-bench-'));
  try {
    const repository = makeRepository(folder);
    const validation = validationOf(repository, folder);
    const { ratio, candidateMs, baselineMs } = compare(
      validation,
      bareShellcheck(repository, shellcheck),
      Number(values.pairs),
    );
    assertChecked(folder);
    const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
    console.log(`validate-service, ${services} services   ${seconds(candidateMs)}`);
    console.log(`shellcheck, ${services * 2} scripts        ${seconds(baselineMs)}`);
    console.log(`ratio ${ratio.toFixed(2)}, at most ${budget}${ratio > budget ? ' OVER' : ''}`);
    if (ratio > budget && values.check) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Scripts of the size that people write; ShellCheck finds nothing in them, so that both do the same work. */
function makeRepository(folder: string): string {
  const repository = join(folder, 'repository');
  for (let index = 0; index < services; index += 1) {
    const service = join(repository, 'services', `service-${index}`);
    mkdirSync(service, { recursive: true });
    writeFileSync(join(service, 'README.md'), `# Service ${index}\n\nOne of ${services}.\n`);
    writeFileSync(join(service, 'deploy.sh'), deployScript(index), { mode: 0o755 });
    writeFileSync(join(service, 'health-check.sh'), healthScript(index), { mode: 0o755 });
  }
  writeFileSync(
    join(repository, 'launch.yml'),
    'targets: { homelab: { runs-on: homelab } }\ndefaults: { target: homelab }\n',
  );
  const git = (...args: readonly string[]): void => {
    execFileSync('git', ['-c', 'user.name=bench', '-c', 'user.email=bench@localhost', ...args], {
      cwd: repository,
    });
  };
  git('init', '--quiet');
  git('add', '--all');
  git('commit', '--quiet', '--message=services');
  return repository;
}

function deployScript(index: number): string {
  return `#!/usr/bin/env bash
# Deploys service ${index}.
set -euo pipefail

readonly SERVICE=service-${index}
readonly HOME_FOLDER=\${SERVICE_HOME:-/srv/$SERVICE}

fail() {
  printf '%s: %s\\n' "$SERVICE" "$1" >&2
  exit 1
}

install_release() {
  local release=$1 file
  mkdir -p "$HOME_FOLDER/releases/$release"
  for file in bin/*-${index} etc/*.conf; do
    [[ -f $file ]] || continue
    cp -- "$file" "$HOME_FOLDER/releases/$release/" || fail "could not copy $file"
  done
  ln -sfn "releases/$release" "$HOME_FOLDER/current"
}

main() {
  local release=\${LAUNCH_RELEASE:-by-hand-${index}}
  [[ -d \${HOME_FOLDER%/*} ]] || fail "there is no \${HOME_FOLDER%/*}"
  install_release "$release"
  printf '%s is at %s\\n' "$SERVICE" "$release"
}

main "$@"
`;
}

function healthScript(index: number): string {
  return `#!/bin/sh
set -eu
port=$((20000 + ${index}))
if ! curl --fail --silent --max-time 5 "http://127.0.0.1:$port/health" >/dev/null; then
  echo "service ${index} does not answer on port $port" >&2
  exit 1
fi
`;
}

function validationOf(repository: string, folder: string): Command {
  return {
    file: process.execPath,
    args: [join(values.root, 'dist/validate-service/index.js')],
    cwd: repository,
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      RUNNER_TEMP: folder,
      GITHUB_OUTPUT: answer(folder, 'output'),
      GITHUB_STEP_SUMMARY: answer(folder, 'summary'),
      INPUT_SERVICES: 'all',
    },
  };
}

function answer(folder: string, name: string): string {
  const file = join(folder, name);
  writeFileSync(file, '');
  return file;
}

/** The same options as the action's, so that both do the same. */
function bareShellcheck(repository: string, shellcheck: string): Command {
  const find = "find services -name '*.sh' -print0";
  const run = `xargs -0 -P${availableParallelism()} -n${filesPerProcess} ${shellcheck} --norc --format=json1 --severity=warning`;
  return {
    file: '/bin/sh',
    args: ['-c', `${find} | ${run} >/dev/null`],
    cwd: repository,
    env: { LC_ALL: 'C.UTF-8', PATH: process.env['PATH'] },
  };
}

/** A validation that looked at nothing would be quick, too. */
function assertChecked(folder: string): void {
  const summary = readFileSync(join(folder, 'summary'), 'utf8');
  if (!summary.includes(`${services} services validated, nothing to mend`))
    throw new Error(`Not what it should say:\n${summary}`);
}

main();
