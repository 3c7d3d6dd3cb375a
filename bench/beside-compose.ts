// The same stack twice: once as a service of a repository, for Launch, and once bare, for
// `docker compose up --detach --wait`. One container with a health check, recreated for each version.
//
// Needs a Docker engine and the image launch-test/app:1 (scripts/stand-in-images.sh).
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { median } from './interleaved.ts';

/** The engine looks for the first time after one interval, for both alike. */
const compose = `services:
  app:
    image: launch-test/app:1
    environment: { VERSION: "\${VERSION}" }
    volumes: ["./page:/page:ro"]
    healthcheck: { test: ["CMD", "wget", "-qO-", "http://127.0.0.1:3000/health"], interval: 500ms, timeout: 2s }
    stop_grace_period: 1s
`;

const dist = resolve(import.meta.dirname, '../dist');
const repository = 'octo/bench';

export interface BesideCompose {
  /** Deploys a version with the action; milliseconds. */
  deploy(version: string): number;
  /** The id of the release that the last `deploy` made. */
  lastRelease(): string;
  /** Rolls back with the command; milliseconds. */
  rollback(release: string): number;
  /** Brings the bare stack to a version; milliseconds. */
  bareUp(version: string): number;
  remove(): void;
}

export function besideCompose(): BesideCompose {
  const id = randomBytes(3).toString('hex');
  const service = `bench-${id}`;
  const bare = `bare-${id}`;
  const folder = mkdtempSync(join(tmpdir(), 'launch-bench-'));
  const top = join(folder, 'repository');
  const output = join(folder, 'output');
  const home = { HOME: join(folder, 'home') };
  prepare(folder, service);
  return {
    deploy(version) {
      writeFileSync(output, '');
      return time([process.execPath, join(dist, 'compose-deploy/index.js')], top, {
        ...home,
        GITHUB_REPOSITORY: repository,
        GITHUB_OUTPUT: output,
        GITHUB_STEP_SUMMARY: join(folder, 'summary'),
        INPUT_SERVICE: service,
        INPUT_ENV: `VERSION=${version}`,
        'INPUT_STATE-DIR': join(folder, 'state'),
        'INPUT_KEEP-RELEASES': '1000',
      });
    },
    lastRelease() {
      const release = /\d{8}T\d{6}Z-[0-9a-f]{7}(-\d+)?/.exec(readFileSync(output, 'utf8'))?.[0];
      if (release === undefined) throw new Error('no release');
      return release;
    },
    rollback(release) {
      const place = ['--repository', repository, '--target', 'bench', '--state-dir', join(folder, 'state')];
      const command = [join(dist, 'cli/index.js'), 'rollback', service, '--to', release, ...place];
      return time([process.execPath, ...command], top, home);
    },
    bareUp(version) {
      const command = ['docker', 'compose', '--project-name', bare, 'up', '--detach', '--wait'];
      return time(command, join(folder, 'bare'), { HOME: process.env['HOME'] ?? '/', VERSION: version });
    },
    remove() {
      for (const project of [service, bare])
        docker('compose', '--project-name', project, 'down', '--timeout', '1');
      const kept = spawnSync('docker', ['images', '--format', '{{.Repository}}:{{.Tag}}'], {
        encoding: 'utf8',
      });
      const own = kept.stdout.split('\n').filter((name) => name.startsWith(`launch.local/${service}-`));
      if (own.length > 0) docker('image', 'rm', ...own);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export interface Pair {
  readonly base: number;
  readonly ours: number;
}

/** Runs both in turns; whoever comes second finds warm caches, so that changes every `each` pairs. */
export function inTurns(
  pairs: number,
  each: number,
  base: (at: number) => number,
  ours: (at: number) => number,
): Pair[] {
  return Array.from({ length: pairs }, (_, at) => {
    if (at % (2 * each) < each) return { base: base(at), ours: ours(at) };
    const second = ours(at);
    return { ours: second, base: base(at) };
  });
}

/** Prints both medians and gives the median of the ratios. */
export function report(name: string, measured: readonly Pair[]): number {
  const ratio = median(measured.map((it) => it.ours / it.base));
  console.log(`docker compose up --wait   ${median(measured.map((it) => it.base)).toFixed(0)} ms`);
  console.log(
    `${name.padEnd(26)} ${median(measured.map((it) => it.ours)).toFixed(0)} ms (${ratio.toFixed(2)} x)`,
  );
  return ratio;
}

function prepare(folder: string, service: string): void {
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
