// A host with many services that really run: each is deployed by Launch, from one repository, with one container of
// the stand-in image. The containers have no network, since an engine has not as many networks to give; what answers
// the health checks is one server beside them.
//
// Needs a Docker engine and the image launch-test/app:1 (scripts/stand-in-images.sh).
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deployService } from '../src/operations/deploy-service.ts';
import { silentReporter } from '../src/operations/reporter.ts';

export interface ManyServices {
  readonly stateDir: string;
  /** Ids of their containers. */
  readonly containers: readonly string[];
  /** From now on the health checks of the first few are never answered. */
  hush(): void;
  remove(): void;
}

const answering = `let hushed = false;
process.on('SIGUSR2', () => { hushed = true; });
require('node:http').createServer((asked, answer) => {
  if (!hushed || !asked.url.startsWith('/silent')) answer.end('ok');
}).listen(0, '127.0.0.1', function () { console.log(this.address().port); });`;

/** `silent`: of so many the health check can be hushed. */
export async function deployMany(count: number, silent: number): Promise<ManyServices> {
  const id = `bench-${randomBytes(3).toString('hex')}`;
  const folder = mkdtempSync(join(tmpdir(), 'launch-bench-'));
  const server = spawn(process.execPath, ['-e', answering], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(server.stdout, 'data')) as [Buffer];
  const address = `127.0.0.1:${line.toString().trim()}`;
  const names = Array.from({ length: count }, (_, at) => `${id}-${String(at).padStart(3, '0')}`);
  const stateDir = join(folder, 'state');
  const remove = () => {
    server.kill();
    removeAll(['rm', '--force'], containersOf(id));
    const images = docker('images', '--format', '{{.Repository}}:{{.Tag}}').split('\n');
    removeAll(
      ['image', 'rm'],
      images.filter((name) => name.startsWith(`launch.local/${id}-`)),
    );
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const top = makeRepository(folder, names, (at) => ({
      label: id,
      url: `http://${address}/${at < silent ? 'silent' : 'service'}/${at}`,
    }));
    const waiting = [...names];
    await Promise.all(
      Array.from({ length: 4 }, async () => {
        for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
          await deployOne(top, name, stateDir);
        }
      }),
    );
    return { stateDir, containers: containersOf(id), hush: () => void server.kill('SIGUSR2'), remove };
  } catch (error) {
    remove();
    throw error;
  }
}

function makeRepository(
  folder: string,
  names: readonly string[],
  detail: (at: number) => { readonly label: string; readonly url: string },
): string {
  const top = join(folder, 'repository');
  for (const [at, name] of names.entries()) {
    const { label, url } = detail(at);
    const place = join(top, 'services', name);
    mkdirSync(place, { recursive: true });
    writeFileSync(
      join(place, 'compose.yml'),
      `services:\n  app: { image: "launch-test/app:1", network_mode: none, labels: { bench: ${label} } }\n`,
    );
    writeFileSync(join(place, 'service.yml'), `target: bench\nsteady: 0s\nhealth: [{ http: "${url}" }]\n`);
  }
  const identity = ['-c', 'user.name=bench', '-c', 'user.email=bench@localhost'];
  for (const args of [
    ['init', '--quiet'],
    ['add', '--all'],
    [...identity, 'commit', '--quiet', '-m', 'bench'],
  ]) {
    execFileSync('git', args, { cwd: top });
  }
  return top;
}

async function deployOne(cwd: string, service: string, stateDir: string): Promise<void> {
  const { status } = await deployService(
    {
      cwd,
      service,
      secrets: new Map(),
      env: new Map(),
      timeoutMs: 120_000,
      stateDir,
      keepReleases: 1,
      rollbackOnFailure: true,
      force: false,
      dryRun: false,
      repository: 'octo/bench',
      hostEnv: process.env,
      steadyMs: 0,
    },
    silentReporter,
  );
  if (status !== 'deployed') throw new Error(`${service} is ${status}`);
}

function containersOf(label: string): string[] {
  const ids = docker('ps', '--all', '--quiet', '--no-trunc', '--filter', `label=bench=${label}`);
  return ids === '' ? [] : ids.split('\n');
}

function removeAll(command: readonly string[], names: readonly string[]): void {
  if (names.length > 0) docker(...command, ...names);
}

function docker(...args: string[]): string {
  return execFileSync('docker', args, { encoding: 'utf8', maxBuffer: 64 * 1024 ** 2 }).trim();
}
