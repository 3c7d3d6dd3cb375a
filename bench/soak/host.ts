// A repository with one service, and what it takes to deploy it by dist/ as a runner does.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const program = resolve(import.meta.dirname, '../../dist/compose-deploy/index.js');

export interface Deployed {
  readonly exitCode: number | null;
  readonly output: string;
  /** What its output `status` says. */
  readonly outputs: string;
  readonly ms: number;
}

export interface SoakHost {
  readonly service: string;
  /** The service's folder of the state. */
  readonly folder: string;
  /** Where else nothing may be left. */
  readonly scratch: string;
  /** Commits a page that tells one release from another. */
  release(page: string): void;
  start(): { readonly child: ChildProcess; readonly ended: Promise<Deployed> };
  deploy(): Promise<Deployed>;
  /** What is served; an error's text when nothing is. */
  get(): Promise<string>;
  /** Waits until nobody holds the service's lock. */
  untilFree(): Promise<void>;
  docker(...args: string[]): string;
  remove(): void;
}

export async function prepareSoak(): Promise<SoakHost> {
  const service = `soak-${randomBytes(3).toString('hex')}`;
  const base = mkdtempSync(join(tmpdir(), 'launch-soak-'));
  const [top, scratch] = [join(base, 'repository'), join(base, 'tmp')];
  const place = join(top, 'services', service);
  const port = await freePort();
  const folder = join(base, 'state/octo/soak/soak', service);
  for (const path of [join(place, 'html'), scratch, join(base, 'home')]) mkdirSync(path, { recursive: true });
  for (const name of ['output', 'summary', 'saved']) writeFileSync(join(base, name), '');
  const git = (...args: string[]) => execFileSync('git', args, { cwd: top, stdio: 'ignore' });
  git('init', '--quiet');
  git('config', 'user.name', 'soak');
  git('config', 'user.email', 'soak@example.org');
  git('config', 'gc.auto', '0');
  writeFileSync(join(place, 'target.txt'), 'soak\n');
  writeFileSync(
    join(place, 'service.yml'),
    `secrets: [TOKEN]\nhealth: [{ http: "http://127.0.0.1:${port}/", timeout: 20s, interval: 100ms }]\n`,
  );
  const start: SoakHost['start'] = () => {
    writeFileSync(join(base, 'output'), '');
    const began = performance.now();
    const child = spawn(process.execPath, [program], {
      cwd: top,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('DOCKER_'))),
        PATH: process.env['PATH'],
        HOME: join(base, 'home'),
        TMPDIR: scratch,
        GITHUB_REPOSITORY: 'octo/soak',
        GITHUB_OUTPUT: join(base, 'output'),
        GITHUB_STATE: join(base, 'saved'),
        GITHUB_STEP_SUMMARY: join(base, 'summary'),
        INPUT_SERVICE: service,
        INPUT_SECRETS: 'TOKEN=a-token-that-nobody-guesses',
        'INPUT_STATE-DIR': join(base, 'state'),
        'INPUT_KEEP-RELEASES': '3',
      },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    const ended = new Promise<number | null>((done) => {
      child.once('close', done);
    }).then((exitCode) => ({
      exitCode,
      output,
      outputs: /status<<(\S+)\n(\S+)/.exec(readFileSync(join(base, 'output'), 'utf8'))?.[2] ?? 'no status',
      ms: performance.now() - began,
    }));
    return { child, ended };
  };
  return {
    service,
    folder,
    scratch,
    release(page) {
      writeFileSync(join(place, 'compose.yml'), compose(port, page));
      writeFileSync(join(place, 'html/index.html'), page);
      git('add', '--all');
      git('commit', '--quiet', '--allow-empty', '--message', page);
    },
    start,
    deploy: async () => await start().ended,
    async get() {
      try {
        const answer = await fetch(`http://127.0.0.1:${port}/`, {
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
      rmSync(base, { recursive: true, force: true });
    },
  };
}

function compose(port: number, page: string): string {
  return `services:
  web:
    image: launch-test/nginx:1
    environment: { PAGE: "${page}", TOKEN: "\${TOKEN}" }
    ports: ["127.0.0.1:${port}:80"]
    volumes: ["./html:/usr/share/nginx/html:ro"]
    stop_grace_period: 1s
`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
