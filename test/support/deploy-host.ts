// A host to deploy to: a repository, a state folder and a real engine, with
// everything that a test starts there gone when the test file is done.
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { RemovalResult } from '../../src/core/deploy/removal-result.ts';
import type { DeployResult } from '../../src/core/deploy/result.ts';
import { stateFolder } from '../../src/core/deploy/state-layout.ts';
import { type DeployRequest, deployService } from '../../src/operations/deploy-service.ts';
import { type RemoveRequest, removeService } from '../../src/operations/remove-service.ts';
import { type RollbackRequest, rollbackService } from '../../src/operations/rollback-service.ts';
import { recordingReporter } from './recording-reporter.ts';
import { createRepository, type Files, type Repository, temporaryFolder } from './repository.ts';

export const repositoryName = 'octo/shop';

export interface DeployHost {
  readonly repository: Repository;
  readonly stateDir: string;
  /** Unique on the engine, so that tests can run beside others. */
  readonly service: string;
  readonly port: number;
  /** The service's folder below the state root. */
  readonly folder: string;
  /** Everything that was reported, all deployments together. */
  readonly log: string[];
  readonly warnings: string[];
  /** Commits files of the service folder; paths starting with a slash are from the top. */
  commit(files: Files): string;
  request(changes?: Partial<DeployRequest>): DeployRequest;
  deploy(changes?: Partial<DeployRequest>): Promise<DeployResult>;
  rollback(changes?: Partial<RollbackRequest>): Promise<DeployResult>;
  /** As a person asks for it, unless a commit is given. */
  remove(changes?: Partial<RemoveRequest>): Promise<RemovalResult>;
  containers(): Record<string, { readonly id: string; readonly startedAt: string; readonly env: string[] }>;
  get(path?: string): Promise<string>;
  docker(...args: string[]): string;
}

const projects = new Set<string>();

/** Removes what the tests' projects have left on the engine; for `afterAll`. */
export function removeProjects(): void {
  for (const project of projects) {
    for (const label of [`com.docker.compose.project=${project}`, `launch.kept.project=${project}`]) {
      const filter = ['--filter', `label=${label}`];
      remove(['rm', '--force', '--volumes'], docker('ps', '--all', '--quiet', ...filter));
      remove(['network', 'rm'], docker('network', 'ls', '--quiet', ...filter));
      remove(['volume', 'rm'], docker('volume', 'ls', '--quiet', ...filter));
    }
  }
  const names = docker('images', '--format', '{{.Repository}}:{{.Tag}}').split('\n');
  const kept = names.filter((name) =>
    projects.has(/^launch\.local\/(.+)-[0-9a-f]{8}\//.exec(name)?.[1] ?? ''),
  );
  remove(['image', 'rm'], kept.join('\n'));
  projects.clear();
}

export function alsoRemove(project: string): void {
  projects.add(project);
}

function remove(command: readonly string[], ids: string): void {
  if (ids !== '') docker(...command, ...ids.split('\n'));
}

export function docker(...args: string[]): string {
  return execFileSync('docker', args, {
    encoding: 'utf8',
    // This file's own: it may name another engine.
    env: process.env,
    timeout: 60_000,
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();
}

export async function createHost(files: Files = {}): Promise<DeployHost> {
  const service = `lt-${randomBytes(4).toString('hex')}`;
  projects.add(service);
  const port = await freePort();
  const repository = createRepository();
  const stateDir = temporaryFolder('launch-state-');
  const reporter = recordingReporter();
  const host: DeployHost = {
    repository,
    stateDir,
    service,
    port,
    folder: join(stateDir, stateFolder({ repository: repositoryName, target: 'homelab', service })),
    log: reporter.lines,
    warnings: reporter.warnings,
    commit(changed) {
      const placed = Object.entries(changed).map(([path, content]) => [
        path.startsWith('/') ? path.slice(1) : `services/${service}/${path}`,
        content,
      ]);
      return repository.commit(Object.fromEntries(placed));
    },
    request: (changes = {}) => ({
      cwd: repository.path,
      service,
      secrets: new Map(),
      env: new Map(),
      timeoutMs: 60_000,
      stateDir,
      keepReleases: 5,
      rollbackOnFailure: true,
      force: false,
      dryRun: false,
      repository: repositoryName,
      by: 'ann',
      hostEnv: process.env,
      steadyMs: 1000,
      ...changes,
    }),
    deploy: async (changes) => await deployService(host.request(changes), reporter),
    rollback: async (changes = {}) =>
      await rollbackService(
        {
          repository: repositoryName,
          service,
          target: undefined,
          secrets: new Map(),
          timeoutMs: 60_000,
          stateDir,
          by: 'ann',
          hostEnv: process.env,
          steadyMs: 1000,
          ...changes,
        },
        reporter,
      ),
    remove: async (changes = {}) => {
      const { secrets, timeoutMs, by, hostEnv } = host.request();
      const common = { repository: repositoryName, service, secrets, timeoutMs, stateDir, by, hostEnv };
      return await removeService({ ...common, ...changes }, reporter);
    },
    containers: () => containersOf(service),
    get: async (path = '/') => await get(port, path),
    docker,
  };
  host.commit({ 'target.txt': 'homelab\n', ...files });
  return host;
}

export function containersOf(
  project: string,
): Record<string, { readonly id: string; readonly startedAt: string; readonly env: string[] }> {
  const ids = docker('ps', '--all', '--quiet', '--filter', `label=com.docker.compose.project=${project}`);
  if (ids === '') return {};
  const format =
    '{"name":{{json .Name}},"id":{{json .Id}},"startedAt":{{json .State.StartedAt}},"env":{{json .Config.Env}}}';
  const lines = docker('inspect', '--format', format, ...ids.split('\n')).split('\n');
  return Object.fromEntries(
    lines.map((line) => {
      const { name, ...rest } = JSON.parse(line);
      return [String(name).replace(`/${project}-`, ''), rest];
    }),
  );
}

/** The names of every container that bears the project's name or stands by for it. */
export function leftovers(project: string): string[] {
  return docker('ps', '--all', '--format', '{{.Names}}', '--filter', `label=launch.kept.project=${project}`)
    .split('\n')
    .filter((name) => name !== '');
}

async function get(port: number, path: string): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    signal: AbortSignal.timeout(5000),
    headers: { connection: 'close' },
  });
  return (await answer.text()).trim();
}

/**
 * A port that is free, for a container that is yet to come: below those that the kernel hands out by itself, so that
 * no connection of a test beside this one takes it meanwhile.
 */
export async function freePort(): Promise<number> {
  return await freePortIn(20_000, 32_000);
}

/** The first of some ports that no other test uses. */
export async function freeRange(): Promise<number> {
  return await freePortIn(10_000, 20_000);
}

async function freePortIn(from: number, to: number): Promise<number> {
  for (;;) {
    const port = from + Math.floor(Math.random() * (to - from));
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}

/** A web server of the stand-in nginx; `extra` is indented as a service's keys. */
export function webService(port: number, extra = ''): string {
  return `services:
  web:
    image: launch-test/nginx:1
    ports: ["127.0.0.1:${port}:80"]
    volumes: ["./html:/usr/share/nginx/html:ro"]
${extra}`;
}

export function webHealth(port: number): string {
  return `health: [{ http: "http://127.0.0.1:${port}/", timeout: 10s, interval: 100ms }]\n`;
}

/** All files below a folder, with their content. */
export function filesBelow(folder: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    found.set(path.slice(folder.length + 1), readFileSync(path, 'latin1'));
  }
  return found;
}

/** Where a deployment ends itself; see deploy-process.ts. */
export interface KillPoint {
  readonly killAt: number | string;
  readonly killGuardian?: boolean;
  readonly lock?: string;
  readonly rollback?: boolean;
  readonly adopt?: boolean;
  readonly remove?: boolean;
}

/** Deploys in a process of its own, which can be killed. */
export function startDeployment(request: DeployRequest, point?: KillPoint) {
  const child = spawn(process.execPath, deploymentArguments(request, point), {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output += chunk;
  });
  return {
    child,
    output: () => output,
    ended: new Promise<number | null>((resolve) => {
      child.on('close', resolve);
    }),
  };
}

/** What Node is given to deploy in a process of its own. */
export function deploymentArguments(request: DeployRequest, point?: KillPoint): string[] {
  const { secrets, env, hostEnv: _host, signal: _signal, ...rest } = request;
  const given = JSON.stringify({ ...rest, ...point, secrets: [...secrets], env: [...env] });
  return [join(import.meta.dirname, 'deploy-process.ts'), given];
}

/** Waits until something holds; fails after ten seconds. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const end = Date.now() + 10_000;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
