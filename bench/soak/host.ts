// A repository with one service, and what it takes to deploy it by dist/ as a runner does.
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Ended, type StartedAction, startAction } from './action.ts';

/** What a soak deploys. */
export interface SoakService {
  /** The files of the service folder for a release that shows this page. */
  files(port: number, page: string): Readonly<Record<string, string>>;
  /** Its containers, by the names that compose gives them behind the project's. */
  readonly containers: readonly string[];
}

export interface SoakHost {
  readonly service: string;
  readonly port: number;
  readonly containers: readonly string[];
  /** The repository. */
  readonly top: string;
  /** The service's folder of the state. */
  readonly folder: string;
  /** Where else nothing may be left. */
  readonly scratch: string;
  /** Commits a page that tells one release from another, and other files of the service beside it. */
  release(page: string, more?: Readonly<Record<string, string>>): void;
  git(...args: string[]): string;
  start(changes?: StepChanges): StartedAction;
  deploy(changes?: StepChanges): Promise<Ended>;
  rollback(): Promise<Ended>;
  /** What is served; an error's text when nothing is. */
  get(path?: string): Promise<string>;
  /** Waits until nobody holds the service's lock. */
  untilFree(): Promise<void>;
  docker(...args: string[]): string;
  remove(): void;
}

/** How a deployment differs from the usual one. */
export interface StepChanges {
  readonly cwd?: string;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** One web server. */
const webAlone: SoakService = {
  containers: ['web-1'],
  files: (port, page) => ({
    'compose.yml': `services:
  web:
    image: launch-test/nginx:1
    environment: { PAGE: "${page}", TOKEN: "\${TOKEN}" }
    ports: ["127.0.0.1:${port}:80"]
    volumes: ["./html:/usr/share/nginx/html:ro"]
    stop_grace_period: 1s
`,
    'service.yml': `secrets: [TOKEN]\n${healthOf(port)}`,
    'html/index.html': page,
  }),
};

export function healthOf(port: number): string {
  return `health: [{ http: "http://127.0.0.1:${port}/", timeout: 20s, interval: 100ms }]\n`;
}

export async function prepareSoak(deployed: SoakService = webAlone): Promise<SoakHost> {
  const service = `soak-${randomBytes(3).toString('hex')}`;
  const base = mkdtempSync(join(tmpdir(), 'launch-soak-'));
  const [top, scratch, steps] = ['repository', 'tmp', 'steps'].map((name) => join(base, name)) as [
    string,
    string,
    string,
  ];
  const place = join(top, 'services', service);
  const port = await freePort();
  const folder = join(base, 'state/octo/soak/soak', service);
  for (const path of [place, scratch, steps, join(base, 'home')]) mkdirSync(path, { recursive: true });
  const git = (...args: string[]) => execFileSync('git', args, { cwd: top, encoding: 'utf8' }).trim();
  git('init', '--quiet');
  git('config', 'user.name', 'soak');
  git('config', 'user.email', 'soak@example.org');
  git('config', 'gc.auto', '0');
  const step = (action: string, { cwd = top, inputs = {}, env = {} }: StepChanges = {}) =>
    startAction({
      action,
      cwd,
      base: steps,
      inputs: {
        service,
        secrets: 'TOKEN=a-token-that-nobody-guesses',
        'state-dir': join(base, 'state'),
        ...inputs,
      },
      env: { HOME: join(base, 'home'), TMPDIR: scratch, GITHUB_REPOSITORY: 'octo/soak', ...env },
    });
  const start: SoakHost['start'] = (changes = {}) =>
    step('compose-deploy', { ...changes, inputs: { 'keep-releases': '3', ...changes.inputs } });
  return {
    service,
    port,
    containers: deployed.containers,
    top,
    folder,
    scratch,
    git,
    release(page, more = {}) {
      const files = { 'target.txt': 'soak\n', ...deployed.files(port, page), ...more };
      for (const [path, content] of Object.entries(files)) {
        mkdirSync(dirname(join(place, path)), { recursive: true });
        writeFileSync(join(place, path), content, { mode: path.endsWith('.sh') ? 0o755 : 0o644 });
      }
      git('add', '--all');
      git('commit', '--quiet', '--allow-empty', '--message', page);
    },
    start,
    deploy: async (changes) => await start(changes).ended,
    rollback: async () => await step('rollback').ended,
    async get(path = '/') {
      try {
        const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
          signal: AbortSignal.timeout(5000),
          headers: { connection: 'close' },
        });
        return (await answer.text()).trim();
      } catch (error) {
        return String(error);
      }
    },
    async untilFree() {
      const lock = join(folder, 'lock');
      for (const end = Date.now() + 60_000; Date.now() < end; await sleep(20)) {
        if (spawnSync('flock', ['--nonblock', lock, 'true']).status === 0) return;
      }
      throw new Error('the lock was not freed within a minute');
    },
    docker: (...args) => execFileSync('docker', args, { encoding: 'utf8', timeout: 60_000 }).trim(),
    remove() {
      spawnSync('docker', ['compose', '--project-name', service, 'down', '--volumes', '--timeout', '1'], {
        stdio: 'ignore',
        timeout: 60_000,
      });
      const names = execFileSync('docker', ['images', '--format', '{{.Repository}}:{{.Tag}}'], {
        encoding: 'utf8',
      });
      const kept = names.split('\n').filter((name) => name.startsWith(`launch.local/${service}-`));
      if (kept.length > 0) spawnSync('docker', ['image', 'rm', ...kept], { stdio: 'ignore' });
      rmSync(base, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
