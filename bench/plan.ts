// How long `launch plan` and the action preview take in a repository of 600 services on 40 targets, all of which
// changed, half of them on two targets and in five waves: in milliseconds, and as a multiple of a floor, which is to
// parse the service.yml and compose file of each in a process of its own. And whether what they write fits the platform.
//
// Usage: node bench/plan.ts [--pairs 11] [--check] [--root CHECKOUT] [--keep]
//
//   --check   exit 1 when a budget is exceeded; the milliseconds are for a machine that does nothing else
//   --root    measure the dist/ of another checkout
//   --keep    leave the repository there, and say where
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Command, compare } from './interleaved.ts';

/** Of whole processes; the ratio is what holds on any machine, the milliseconds are what was promised. */
const budget = { ms: 1000, ratio: 3.5 };
const [services, targets] = [600, 40];

const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '11' },
    check: { type: 'boolean', default: false },
    root: { type: 'string', default: resolve(import.meta.dirname, '..') },
    keep: { type: 'boolean', default: false },
  },
});

function main(): void {
  const folder = mkdtempSync(join(tmpdir(), 'launch-bench-plan-'));
  try {
    makeRepository(folder);
    const yaml = createRequire(import.meta.url).resolve('yaml');
    const floor: Command = { file: process.execPath, args: ['-e', parsing, yaml], cwd: folder };
    const over: string[] = [];
    for (const { name, command } of cases(folder)) {
      const { ratio, candidateMs, baselineMs } = compare(command, floor, Number(values.pairs));
      console.log(
        `${name.padEnd(24)} ${candidateMs.toFixed(0).padStart(5)} ms, ${ratio.toFixed(2)} x the floor (${baselineMs.toFixed(0)} ms)`,
      );
      if (candidateMs > budget.ms) over.push(`${name} takes more than ${budget.ms} ms`);
      if (ratio > budget.ratio) over.push(`${name} takes more than ${budget.ratio} x the floor`);
    }
    over.push(...sizes(folder));
    for (const what of over) console.log(`OVER BUDGET: ${what}`);
    if (over.length > 0 && values.check) process.exitCode = 1;
  } finally {
    if (values.keep) console.log(`The repository is ${folder}`);
    else rmSync(folder, { recursive: true, force: true });
  }
}

/** By the library that Launch uses. */
const parsing = `
  const { parse } = require(process.argv[1]);
  const { readdirSync, readFileSync } = require('node:fs');
  for (const service of readdirSync('services')) {
    for (const file of ['service.yml', 'compose.yaml']) parse(readFileSync(\`services/\${service}/\${file}\`, 'utf8'));
  }
`;

interface Case {
  readonly name: string;
  readonly command: Command;
}

function cases(folder: string): Case[] {
  const env = { PATH: process.env['PATH'], HOME: folder };
  const cli = (name: string, ...more: readonly string[]): Case => ({
    name,
    command: {
      file: process.execPath,
      args: [join(values.root, 'dist/cli/index.js'), 'plan', '--base', 'base', '--head', 'head', ...more],
      cwd: folder,
      env,
    },
  });
  return [
    cli('launch plan'),
    cli('launch plan --json', '--json'),
    cli('launch plan --markdown', '--markdown'),
    cli('launch plan --diff', '--diff'),
    { name: 'preview', command: preview(folder) },
  ];
}

function preview(folder: string): Command {
  const file = (name: string) => join(folder, '.git', name);
  for (const name of ['output', 'summary']) writeFileSync(file(name), '');
  writeFileSync(file('event.json'), '{}');
  return {
    file: process.execPath,
    args: [join(values.root, 'dist/preview/index.js')],
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      GITHUB_ACTIONS: 'true',
      GITHUB_EVENT_NAME: 'pull_request',
      GITHUB_EVENT_PATH: file('event.json'),
      GITHUB_REPOSITORY: 'octo/shop',
      GITHUB_RUN_ID: '1',
      GITHUB_WORKSPACE: folder,
      GITHUB_OUTPUT: file('output'),
      GITHUB_STEP_SUMMARY: file('summary'),
      INPUT_BASE: 'base',
      INPUT_HEAD: 'head',
      'INPUT_CHECK-RUNNERS': 'off',
      INPUT_COMPARE: 'true',
    },
  };
}

/** What one run of the action wrote, and what of it is too much. */
function sizes(folder: string): string[] {
  const command = preview(folder);
  const run = spawnSync(command.file, command.args, { cwd: folder, env: command.env, encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`preview ended with ${run.status}:\n${run.stdout}${run.stderr}`);
  const output = readFileSync(join(folder, '.git/output'), 'utf8');
  const summary = readFileSync(join(folder, '.git/summary'));
  const comment = /^comment<<(.+)\n([\s\S]*?)\n\1$/m.exec(output)?.[2] ?? '';
  const bytes = Buffer.byteLength(comment);
  console.log(
    `summary ${summary.length} bytes, comment ${bytes} bytes, outputs ${2 * output.length} bytes as GitHub counts them`,
  );
  return [
    ...(summary.length > 1024 * 1024 ? ['the summary is more than 1 MiB'] : []),
    ...(bytes > 60_000 || bytes === 0 ? ['the comment is more than 60,000 bytes, or not there'] : []),
    ...(2 * output.length > 1024 * 1024 ? ['the outputs are more than 1 MB'] : []),
  ];
}

function makeRepository(folder: string): void {
  const git = (args: readonly string[], input = '') =>
    execFileSync('git', [...args], { cwd: folder, input, stdio: ['pipe', 'pipe', 'inherit'] });
  git(['init', '--quiet', '--initial-branch=head']);
  const history = [commit('base', undefined, '1'), commit('head', 'base', '2'), 'done\n'].join('');
  git(['fast-import', '--quiet'], history);
  git(['reset', '--quiet', '--hard', 'head']);
}

function commit(branch: string, from: string | undefined, version: string): string {
  const parent = from === undefined ? '' : `from refs/heads/${from}\n`;
  const files = [
    fileAt('launch.yml', launchFile()),
    fileAt('shared/proxy.conf', `version ${version}\n`),
    ...Array.from({ length: services }, (_, index) => service(index, version)),
  ];
  return `commit refs/heads/${branch}\ncommitter Bench <bench@localhost> 1700000000 +0000\ndata 0\n${parent}${files.join('')}\n`;
}

function launchFile(): string {
  const declared = Array.from(
    { length: targets },
    (_, index) =>
      `  ${targetName(index)}: { runs-on: [self-hosted, linux, ${targetName(index)}], host: 192.0.2.${index + 1} }\n`,
  );
  return `targets:\n${declared.join('')}shared:\n  - { paths: [shared/**], services: "*" }\n`;
}

function service(index: number, version: string): string {
  const name = serviceName(index);
  const on = [targetName(index), ...(index % 2 === 0 ? [targetName(index + 7)] : [])];
  // Five waves, each of a fifth of the services.
  const before = index < services / 5 ? [] : [serviceName(index - services / 5)];
  const manifest = `targets: [${on.join(', ')}]\ndepends-on: [${before.join(', ')}]\nsecrets: [DATABASE_PASSWORD]\nenv: { LOG_LEVEL: info, WORKERS: ${version} }\nhealth:\n  - { http: "http://127.0.0.1:${8000 + index}/health" }\n`;
  const compose = `services:
  app:
    image: registry.example.org/${name}:${version}.4.2
    restart: unless-stopped
    environment:
      LOG_LEVEL: \${LOG_LEVEL}
      WORKERS: \${WORKERS}
      DATABASE_URL: postgres://app:\${DATABASE_PASSWORD}@db/app
    ports: ["${8000 + index}:8080"]
    volumes: ["data:/var/lib/app"]
    depends_on: [db]
  db:
    image: postgres:17
    environment:
      POSTGRES_PASSWORD: \${DATABASE_PASSWORD}
    volumes: ["db:/var/lib/postgresql/data"]
volumes:
  data: {}
  db: {}
`;
  const at = `services/${name}`;
  return [
    fileAt(`${at}/service.yml`, manifest),
    fileAt(`${at}/compose.yaml`, compose),
    fileAt(`${at}/README.md`, `# ${name}\n`),
  ].join('');
}

function fileAt(path: string, text: string): string {
  return `M 644 inline ${path}\ndata ${Buffer.byteLength(text)}\n${text}\n`;
}

function serviceName(index: number): string {
  return `service-${String(index).padStart(3, '0')}`;
}

function targetName(index: number): string {
  return `target-${String(index % targets).padStart(2, '0')}`;
}

main();
