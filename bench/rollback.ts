// How long `launch rollback` takes beside a bare `docker compose up --detach --wait` of the same stack: one
// container with a health check, recreated each time. In turns, between two versions.
//
// Usage: node bench/rollback.ts [--pairs 11] [--check]
//
//   --check   exit 1 when it takes more than 1.3 times as long
//
// Needs a Docker engine and the image launch-test/app:1 (scripts/stand-in-images.sh).
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { median } from './interleaved.ts';

const limit = 1.3;
const dist = resolve(import.meta.dirname, '../dist');
const { values } = parseArgs({
  options: { pairs: { type: 'string', default: '11' }, check: { type: 'boolean', default: false } },
});
const pairs = Number(values.pairs);
const id = randomBytes(3).toString('hex');
const service = `bench-${id}`;
const bare = `bare-${id}`;
const folder = mkdtempSync(join(tmpdir(), 'launch-bench-'));
const state = join(folder, 'state');

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
  const kept = spawnSync('docker', ['images', '--format', '{{.Repository}}:{{.Tag}}'], { encoding: 'utf8' });
  const own = kept.stdout.split('\n').filter((name) => name.startsWith(`launch.local/${service}-`));
  if (own.length > 0) docker('image', 'rm', ...own);
  rmSync(folder, { recursive: true, force: true });
}

function main(): void {
  const releases = ['a', 'b'].map(deploy);
  bareUp('a');
  bareUp('b');
  const measured = Array.from({ length: pairs }, (_, at) => {
    const to = releases[at % 2] ?? '';
    const version = at % 2 === 0 ? 'a' : 'b';
    // Whoever comes second finds warm caches.
    if (at % 4 < 2) return { base: bareUp(version), ours: rollback(to) };
    const ours = rollback(to);
    return { ours, base: bareUp(version) };
  });
  const base = median(measured.map((it) => it.base));
  const ours = median(measured.map((it) => it.ours));
  const ratio = median(measured.map((it) => it.ours / it.base));
  console.log(`docker compose up --wait   ${base.toFixed(0)} ms`);
  console.log(`launch rollback            ${ours.toFixed(0)} ms (${ratio.toFixed(2)} x)`);
  if (ratio > limit) {
    console.log(`OVER BUDGET: takes more than ${limit} x`);
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

/** Gives the release's id. */
function deploy(version: string): string {
  const output = join(folder, 'output');
  writeFileSync(output, '');
  time([process.execPath, join(dist, 'compose-deploy/index.js')], join(folder, 'repository'), {
    HOME: join(folder, 'home'),
    GITHUB_REPOSITORY: 'octo/bench',
    GITHUB_OUTPUT: output,
    GITHUB_STEP_SUMMARY: join(folder, 'summary'),
    INPUT_SERVICE: service,
    INPUT_ENV: `VERSION=${version}`,
    'INPUT_STATE-DIR': state,
    'INPUT_KEEP-RELEASES': '1000',
  });
  const release = /\d{8}T\d{6}Z-[0-9a-f]{7}(-\d+)?/.exec(readFileSync(output, 'utf8'))?.[0];
  if (release === undefined) throw new Error('no release');
  return release;
}

function rollback(to: string): number {
  const place = ['--repository', 'octo/bench', '--target', 'bench', '--state-dir', state];
  const command = [process.execPath, join(dist, 'cli/index.js'), 'rollback', service, '--to', to, ...place];
  return time(command, join(folder, 'repository'), { HOME: join(folder, 'home') });
}

function bareUp(version: string): number {
  const command = ['docker', 'compose', '--project-name', bare, 'up', '--detach', '--wait'];
  return time(command, join(folder, 'bare'), { HOME: process.env['HOME'] ?? '/', VERSION: version });
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
