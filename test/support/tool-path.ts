// Where the real programs are. Apart from tools.ts, so that what runs without jest can ask, too.
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, isAbsolute, join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
const env = process.env;

/** Where scripts/setup-dev.sh puts the tools, as scripts/lib/tools.sh says. */
export const toolsFolder =
  env['LAUNCH_TOOLS_DIR'] || join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'launch/tools');

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

export function findNode24(): string | undefined {
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  return cachedToolFolders()
    .filter((folder) => folder.includes('/node-'))
    .map((folder) => join(folder, 'node'))
    .find(isExecutable);
}

/** The same folders as scripts/lib/tools.sh. */
function cachedToolFolders(): string[] {
  const versions = pinnedVersions();
  return ['node', 'act', 'actionlint', 'zizmor', 'sops', 'postgres', 'ferretdb'].map((tool) =>
    join(toolsFolder, `${tool}-${versions.get(`${tool.toUpperCase()}_VERSION`)}`, 'bin'),
  );
}

/** Of scripts/tool-versions.env, by their names there. */
export function pinnedVersions(): Map<string, string> {
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
