// Prism, which holds what is asked and answered against an OpenAPI description: as a proxy before the stand-in.
// It is no dependency, because it brings 190 packages: it is installed into the tool cache where it is wanted.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './local-server.ts';
import { ROOT } from './source-tree.ts';
import { node24 } from './tools.ts';

const version = '5.14.2';

/** Where the provider's description is; it is not ours to copy into this repository. Undefined: nowhere here. */
export function linodeDescription(): string | undefined {
  const given = process.env['LAUNCH_LINODE_SPEC'];
  if (given !== undefined && given !== '') return resolve(given);
  const folder = join(dirname(ROOT), 'shared/specs');
  const name = existsSync(folder)
    ? readdirSync(folder).find((it) => /^linode-openapi.*\.json$/.test(it))
    : undefined;
  return name === undefined ? undefined : join(folder, name);
}

export interface Prism {
  /** To be taken instead of the address that stands behind it. */
  readonly origin: string;
  close(): void;
}

/** @throws Error when it can't be installed or does not start */
export async function startPrism(description: string, behind: string): Promise<Prism> {
  const port = await freePort();
  const args = ['proxy', description, behind, '--host', '127.0.0.1', '--port', String(port)];
  const child = spawn(node24(), [install(), ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
  }
  const origin = `http://127.0.0.1:${port}`;
  for (const end = Date.now() + 60_000; Date.now() < end; await sleep(50)) {
    if (log.includes('Prism is listening')) return { origin, close: () => void child.kill('SIGKILL') };
    if (hasEnded(child)) break;
  }
  child.kill('SIGKILL');
  throw new Error(`Prism did not start:\n${log.slice(-2000)}`);
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

/** @returns its program */
function install(): string {
  const env = process.env;
  const cache =
    env['LAUNCH_TOOLS_DIR'] || join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'launch/tools');
  const home = join(cache, `prism-${version}`);
  const program = join(home, 'node_modules/@stoplight/prism-cli/dist/index.js');
  if (existsSync(program)) return program;
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'prism.new-'));
  try {
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
    const npm = join(dirname(node24()), 'npm');
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
    const args = ['install', ...flags, `@stoplight/prism-cli@${version}`];
    const { status, stderr } = spawnSync(existsSync(npm) ? npm : 'npm', args, {
      cwd: folder,
      encoding: 'utf8',
      timeout: 240_000,
    });
    if (status !== 0) throw new Error(`Prism ${version} can't be installed:\n${stderr.slice(-2000)}`);
    // All of it or nothing; another run may have been quicker.
    if (!existsSync(home)) renameSync(folder, home);
    return program;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
