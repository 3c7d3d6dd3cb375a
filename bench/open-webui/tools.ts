import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

const env = process.env;

/** Where scripts/setup-dev.sh puts the tools, see scripts/lib/tools.sh. */
export const toolsFolder =
  env['LAUNCH_TOOLS_DIR'] || join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'launch/tools');

export function cachedTool(name: string, variable: string): string {
  const versions = readFileSync(resolve(import.meta.dirname, '../../scripts/tool-versions.env'), 'utf8');
  const version = versions.match(new RegExp(`^${variable}=(.+)$`, 'm'))?.[1];
  if (version === undefined) throw new Error(`scripts/tool-versions.env has no ${variable}`);
  return join(toolsFolder, `${name}-${version}`);
}
