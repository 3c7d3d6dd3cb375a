// What compose-deploy adds to a bare `docker compose up --detach --wait` of the same
// service: one container with a health check, recreated each time. In turns.
//
// Usage: node bench/deploy.ts [--pairs 11] [--check]
//
//   --check   exit 1 when it adds more than the budget
//
// Needs a Docker engine and the image launch-test/app:1 (scripts/stand-in-images.sh).
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { median } from './interleaved.ts';

const budgetMs = 400;
const program = resolve(import.meta.dirname, '../dist/compose-deploy/index.js');
const { values } = parseArgs({
  options: { pairs: { type: 'string', default: '11' }, check: { type: 'boolean', default: false } },
});
const pairs = Number(values.pairs);
const id = randomBytes(3).toString('hex');
const service = `bench-${id}`;
const bare = `bare-${id}`;
const folder = mkdtempSync(join(tmpdir(), 'launch-bench-'));

/** The engine looks for the first time after one interval, for both alike. */
const compose = `services:
  app:
    image: launch-test/app:1
    environment: { VERSION: "\${VERSION}" }
    volumes: ["./page:/page:ro"]
    healthcheck: { test: ["CMD", "wget", "-qO-", "http://127.0.0.1:3000/health"], interval: 500ms, timeout: 2s }
    stop_grace_period: 1s
`;

try {
  prepare();
  main();
} finally {
  for (const project of [service, bare]) {
    docker('compose', '--project-name', project, 'down', '--timeout', '1');
  }
  rmSync(folder, { recursive: true, force: true });
}

function main(): void {
  launch(0);
  bareUp(0);
  const measured = Array.from({ length: pairs }, (_, at) => {
    const version = at + 1;
    // Whoever comes second finds warm caches.
    if (at % 2 === 0) return { base: bareUp(version), ours: launch(version) };
    const ours = launch(version);
    return { ours, base: bareUp(version) };
  });
  const unchanged = median(Array.from({ length: 5 }, () => launch(pairs)));
  const base = median(measured.map((it) => it.base));
  const ours = median(measured.map((it) => it.ours));
  const added = median(measured.map((it) => it.ours - it.base));
  const ratio = median(measured.map((it) => it.ours / it.base));
  console.log(`docker compose up --wait   ${base.toFixed(0)} ms`);
  console.log(`compose-deploy             ${ours.toFixed(0)} ms`);
  console.log(`added                      ${added.toFixed(0)} ms (${ratio.toFixed(2)} x)`);
  console.log(`nothing to do              ${unchanged.toFixed(0)} ms`);
  if (added > budgetMs) {
    console.log(`OVER BUDGET: adds more than ${budgetMs} ms`);
    if (values.check) process.exitCode = 1;
  }
}

function prepare(): void {
  const top = join(folder, 'repository');
  for (const place of [join(top, 'services', service), join(folder, 'bare')]) {
    mkdirSync(join(place, 'page'), { recursive: true });
    writeFileSync(join(place, 'compose.yml'), compose);
    writeFileSync(join(place, 'page/index.html'), 'page');
  }
  writeFileSync(join(top, 'services', service, 'target.txt'), 'bench\n');
  mkdirSync(join(folder, 'home'));
  for (const name of ['output', 'summary']) writeFileSync(join(folder, name), '');
  for (const args of [
    ['init', '--quiet'],
    ['add', '--all'],
    ['-c', 'user.name=b', '-c', 'user.email=b@example.org', 'commit', '--quiet', '--message=bench'],
  ]) {
    execFileSync('git', args, { cwd: top });
  }
}

function launch(version: number): number {
  return time([process.execPath, program], join(folder, 'repository'), {
    HOME: join(folder, 'home'),
    GITHUB_REPOSITORY: 'octo/bench',
    GITHUB_OUTPUT: join(folder, 'output'),
    GITHUB_STEP_SUMMARY: join(folder, 'summary'),
    INPUT_SERVICE: service,
    INPUT_ENV: `VERSION=${version}`,
    'INPUT_STATE-DIR': join(folder, 'state'),
  });
}

function bareUp(version: number): number {
  const command = ['docker', 'compose', '--project-name', bare, 'up', '--detach', '--wait'];
  return time(command, join(folder, 'bare'), { HOME: process.env['HOME'] ?? '/', VERSION: String(version) });
}

function time(command: readonly string[], cwd: string, env: Record<string, string>): number {
  const [file = '', ...args] = command;
  const engine = Object.entries(process.env).filter(([name]) => name.startsWith('DOCKER_'));
  const started = performance.now();
  const result = spawnSync(file, args, {
    cwd,
    env: { ...Object.fromEntries(engine), PATH: process.env['PATH'], ...env },
    encoding: 'utf8',
    timeout: 60_000,
  });
  const ms = performance.now() - started;
  if (result.status !== 0)
    throw new Error(`${command.join(' ')} ended with ${result.status}:\n${result.stdout}${result.stderr}`);
  return ms;
}

function docker(...args: string[]): void {
  spawnSync('docker', args, { stdio: 'ignore', timeout: 60_000 });
}
