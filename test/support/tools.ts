// The real programs a suite runs. Without them a suite is skipped aloud on a
// person's machine, and fails in CI, where a skipped suite would look like a passed one.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { describe, it } from '@jest/globals';

const ROOT = resolve(import.meta.dirname, '../..');

/** Tools that take more than a program on PATH: the engine must answer. */
const PROBES: Readonly<Record<string, () => string | undefined>> = {
  docker: () =>
    answers('docker', ['version', '--format', '{{.Server.Version}}'])
      ? undefined
      : 'no Docker Engine answers',
  root: () => (process.getuid?.() === 0 ? undefined : 'only root may do this'),
  compose: () => (answers('docker', ['compose', 'version']) ? undefined : 'docker has no compose plugin'),
};

export type Suite = (name: string, body: () => void) => void;

/**
 * `describe` when all of these are there: `docker` (an engine that answers),
 * `compose` (its plugin), `node24`, `root`, else the names of programs, as `act` or `flock`.
 */
export function requireTools(...tools: readonly string[]): Suite {
  const reasons = tools.flatMap((tool) => reasonAgainst(tool) ?? []);
  if (reasons.length === 0) return describe;
  const reason = `${reasons.join('; ')}. Run scripts/setup-dev.sh, it installs what the tests need or says why it can't.`;
  if (process.env['CI'] === 'true') {
    return (name) =>
      describe(name, () => {
        it('has the tools it needs', () => {
          throw new Error(reason);
        });
      });
  }
  return (name, body) => {
    console.warn(`SKIPPED ${name}: ${reason}`);
    describe.skip(`${name} (skipped: ${reasons.join('; ')})`, body);
  };
}

/**
 * Where a program is: on PATH, else in the tool cache that scripts/setup-dev.sh fills.
 * Not in npm's folder: the shellcheck in there is a program that downloads shellcheck.
 */
export function toolPath(tool: string): string | undefined {
  const path = (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => isAbsolute(folder) && !folder.endsWith('/node_modules/.bin'));
  return [...path, ...cachedToolFolders()].map((folder) => join(folder, tool)).find(isExecutable);
}

/** A Node that can run what ships: this one when it is new enough, else the tool cache's. */
export function node24(): string {
  const path = findNode24();
  if (path === undefined) throw new Error('there is no Node 24. Run scripts/setup-dev.sh --only node.');
  return path;
}

function findNode24(): string | undefined {
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  return cachedToolFolders()
    .filter((folder) => folder.includes('/node-'))
    .map((folder) => join(folder, 'node'))
    .find(isExecutable);
}

const reasons = new Map<string, string | undefined>();

function reasonAgainst(tool: string): string | undefined {
  if (!reasons.has(tool)) reasons.set(tool, probe(tool));
  return reasons.get(tool);
}

function probe(tool: string): string | undefined {
  const special = PROBES[tool];
  if (special !== undefined) return special();
  const path = tool === 'node24' ? findNode24() : toolPath(tool);
  return path === undefined ? `there is no ${tool}` : undefined;
}

function answers(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore', timeout: 10_000 }).status === 0;
}

/** The same folders as scripts/lib/tools.sh. */
function cachedToolFolders(): string[] {
  const env = process.env;
  const cache =
    env['LAUNCH_TOOLS_DIR'] || join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'launch/tools');
  const versions = pinnedVersions();
  return ['node', 'act', 'actionlint', 'zizmor', 'sops'].map((tool) =>
    join(cache, `${tool}-${versions.get(`${tool.toUpperCase()}_VERSION`)}`, 'bin'),
  );
}

function pinnedVersions(): Map<string, string> {
  const lines = readFileSync(join(ROOT, 'scripts/tool-versions.env'), 'utf8').matchAll(/^(\w+)=(.*)$/gm);
  return new Map(Array.from(lines, ([, key = '', value = '']) => [key, value]));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
