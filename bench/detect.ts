// How long detect-changed-services takes in a repository of 1,000 services and 100,006
// files, for 1 and for 10,000 changed files, as a multiple of `node -e 0`, and its memory.
//
// Usage: node bench/detect.ts [--pairs 21] [--check] [--root CHECKOUT]
//
//   --check   exit 1 when a budget is exceeded
//   --root    measure the dist/ of another checkout
//
// The repository is made once and kept in the temporary folder.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Command, compare, median } from './interleaved.ts';

/** `ratio` is for one changed file; 10,000 may take `growth` times as long as that. */
const budget = { ratio: 3.5, growth: 1.2, mebibytes: 80 };
const services = 1000;
const filesPerService = 100;

/**
 * What others take for the same job in a repository of this size, in whole processes on Node 20, measured once
 * (2026-11) where `node -e 0` took 22 to 31 ms. For orientation: only figures of one run compare exactly.
 */
const peers = [
  'peers, measured apart:     1 changed file / 10,000 in 200 services',
  '  dorny/paths-filter, a filter per service      0.24 s / 0.91 s, about 9 x / 34 x node -e 0',
  '  tj-actions/changed-files, a key per service   1.25 s / 27 s or a crash (ENOBUFS), about 47 x / 1000 x',
  '  tj-actions/changed-files, dir_names           0.21 s / 0.38 s, about 8 x / 14 x',
];

const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '21' },
    check: { type: 'boolean', default: false },
    root: { type: 'string', default: resolve(import.meta.dirname, '..') },
  },
});
const pairs = Number(values.pairs);
const program = join(values.root, 'dist/detect-changed-services/index.js');

async function main(): Promise<void> {
  const repository = prepareRepository();
  const answers = mkdtempSync(join(tmpdir(), 'launch-bench-'));
  try {
    const one = detection(repository, answers, 'base', 'one');
    const many = detection(repository, answers, 'base', 'many');
    const configured = detection(repository, answers, 'configured', 'configured-one');
    assertFinds(one, answers, 1);
    assertFinds(many, answers, 200);
    assertFinds(configured, answers, 1);
    const node: Command = { file: process.execPath, args: ['-e', '0'] };
    const single = compare(one, node, pairs);
    const multiple = compare(many, node, pairs);
    const growth = compare(many, one, pairs).ratio;
    const withConfig = compare(configured, node, pairs);
    const git = compare(diff(repository, 'many'), node, pairs);
    const memory = median(Array.from({ length: 5 }, () => peakMebibytes(many)));
    console.log(
      `1 changed file             ${single.ratio.toFixed(2)} x node -e 0 (${single.candidateMs.toFixed(0)} ms)`,
    );
    console.log(
      `10,000 in 200 services     ${multiple.ratio.toFixed(2)} x node -e 0 (${multiple.candidateMs.toFixed(0)} ms)`,
    );
    console.log(`10,000 to 1 changed file   ${growth.toFixed(2)}`);
    console.log(
      `1 file, with a launch.yml  ${withConfig.ratio.toFixed(2)} x node -e 0 (${withConfig.candidateMs.toFixed(0)} ms), for comparison`,
    );
    console.log(
      `peak memory                ${memory.toFixed(0)} MiB (node -e 0: ${peakMebibytes(node).toFixed(0)} MiB, git beside it: ${(await gitMebibytes(repository)).toFixed(0)} MiB)`,
    );
    console.log(
      `git diff --name-only       ${git.ratio.toFixed(2)} x node -e 0, without Node, for comparison`,
    );
    for (const line of peers) console.log(line);
    const over = [
      single.ratio > budget.ratio && `more than ${budget.ratio} x node -e 0`,
      growth > budget.growth && `10,000 files take more than ${budget.growth} x as long as one`,
      memory > budget.mebibytes && `more than ${budget.mebibytes} MiB`,
    ].filter((it) => it !== false);
    for (const what of over) console.log(`OVER BUDGET: ${what}`);
    if (over.length > 0 && values.check) process.exitCode = 1;
  } finally {
    rmSync(answers, { recursive: true, force: true });
  }
}

function detection(repository: string, answers: string, base: string, head: string): Command {
  const file = (name: string) => {
    writeFileSync(join(answers, name), '');
    return join(answers, name);
  };
  return {
    file: process.execPath,
    args: [program],
    cwd: repository,
    env: {
      PATH: process.env['PATH'],
      HOME: answers,
      GITHUB_ACTIONS: 'true',
      GITHUB_EVENT_NAME: 'push',
      GITHUB_REF: 'refs/heads/main',
      GITHUB_REPOSITORY: 'octo/shop',
      GITHUB_WORKSPACE: repository,
      GITHUB_OUTPUT: file('output'),
      GITHUB_STEP_SUMMARY: file('summary'),
      INPUT_BASE: base,
      INPUT_HEAD: head,
      INPUT_SINCE: 'last-success',
    },
  };
}

/** A quick wrong answer is no answer. */
function assertFinds(command: Command, answers: string, count: number): void {
  writeFileSync(join(answers, 'output'), '');
  const run = spawnSync(command.file, command.args, { cwd: command.cwd, env: command.env, encoding: 'utf8' });
  const output = readFileSync(join(answers, 'output'), 'utf8');
  const found = /^count<<(.+)\n(\d+)\n\1$/m.exec(output)?.[2];
  if (found !== String(count))
    throw new Error(`found ${found} services, not ${count}:\n${run.stdout}${run.stderr}`);
}

function diff(repository: string, head: string): Command {
  return {
    file: 'git',
    args: ['diff', '--name-only', '-z', 'base', head],
    cwd: repository,
    env: { PATH: process.env['PATH'] },
  };
}

/** The most memory that a Node process had, by its own account at its end. */
function peakMebibytes(command: Command): number {
  const report =
    'process.on("exit",()=>process.stderr.write("\\npeak "+process.resourceUsage().maxRSS+"\\n"))';
  const hook = `data:text/javascript,${encodeURIComponent(report)}`;
  const run = spawnSync(command.file, ['--import', hook, ...command.args], {
    cwd: command.cwd,
    env: command.env,
    encoding: 'utf8',
  });
  return Number(/\npeak (\d+)\n/.exec(run.stderr)?.[1]) / 1024;
}

/** The most memory that git has after it gave the trees of all services, by the kernel's account. */
async function gitMebibytes(repository: string): Promise<number> {
  const child = spawn('git', ['cat-file', '--batch'], { cwd: repository, stdio: ['pipe', 'pipe', 'ignore'] });
  const names = Array.from({ length: services }, (_, index) => `many:services/${serviceName(index)}\n`);
  child.stdin.write(`${names.join('')}end\n`);
  for await (const chunk of child.stdout) if (String(chunk).endsWith('end missing\n')) break;
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  child.kill();
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

/** Made anew only when this file makes another one. */
function prepareRepository(): string {
  const repository = join(tmpdir(), 'launch-bench-detect-2');
  if (existsSync(repository)) return repository;
  const making = mkdtempSync(join(tmpdir(), 'launch-bench-making-'));
  const git = (args: readonly string[], input = '') =>
    execFileSync('git', [...args], { cwd: making, input, stdio: ['pipe', 'pipe', 'inherit'] });
  git(['init', '--quiet', '--initial-branch=main']);
  git(['fast-import', '--quiet'], history());
  // The commits are given by name; what is checked out does not matter.
  git(['update-ref', 'refs/heads/main', 'many']);
  mkdirSync(join(making, 'services'));
  renameSync(making, repository);
  return repository;
}

/** For fast-import: `base`, on it `one` and `many`; and the same with a launch.yml, to see what reading that costs. */
function history(): string {
  const all = Array.from({ length: services }, (_, service) =>
    Array.from({ length: filesPerService }, (_, file) => entry(service, file, `${service} ${file}`)).join(''),
  );
  const root = Array.from(
    { length: 6 },
    (_, index) => `M 644 inline root-${index}.md\ndata 5\nroot\n\n`,
  ).join('');
  const some = Array.from({ length: 200 }, (_, index) =>
    Array.from({ length: 50 }, (_, file) => entry(index * 5, file + 50, 'changed')).join(''),
  );
  return [
    commit('base', undefined, root + all.join('')),
    commit('one', 'base', entry(7, 99, 'changed')),
    commit('many', 'base', some.join('')),
    commit('configured', 'base', fileAt('launch.yml', config)),
    commit('configured-one', 'configured', entry(7, 99, 'changed')),
    'done\n',
  ].join('');
}

const config = 'targets:\n  homelab: { runs-on: [self-hosted, homelab] }\ndefaults: { target: homelab }\n';

function commit(branch: string, from: string | undefined, files: string): string {
  const parent = from === undefined ? '' : `from refs/heads/${from}\n`;
  return `commit refs/heads/${branch}\ncommitter Bench <bench@localhost> 1700000000 +0000\ndata 0\n${parent}${files}\n`;
}

/** Four files at the top of a service, the others in folders of ten. */
function entry(service: number, file: number, content: string): string {
  const top = ['service.yml', 'compose.yaml', 'README.md', 'deploy.sh'];
  const path = top[file] ?? `src/part-${Math.floor(file / 10)}/file-${file}.ts`;
  // No two manifests are alike, so that none is read for another.
  const manifest = `target: homelab\nenv: { NAME: ${serviceName(service)} }\n`;
  return fileAt(`services/${serviceName(service)}/${path}`, file === 0 ? manifest : `${content}\n`);
}

function fileAt(path: string, text: string): string {
  return `M 644 inline ${path}\ndata ${text.length}\n${text}\n`;
}

function serviceName(index: number): string {
  return `service-${String(index).padStart(4, '0')}`;
}

await main();
