// Files that the real sops has encrypted, for keys that the real age has made.
import { execFileSync } from 'node:child_process';
import { dirname } from 'node:path';
import { toolPath } from './tools.ts';

export interface AgeKey {
  readonly secret: string;
  readonly recipient: string;
}

export function ageKey(): AgeKey {
  const printed = run('age-keygen', [], '');
  const [secret = ''] = /AGE-SECRET-KEY-\S+/.exec(printed) ?? [];
  const [recipient = ''] = /age1\S+/.exec(printed) ?? [];
  return { secret, recipient };
}

/** The content of a secrets.enc.env. */
export function encrypted(lines: string, ...keys: readonly AgeKey[]): string {
  const args = ['encrypt', '--input-type', 'dotenv', '--output-type', 'dotenv'];
  const recipients = keys.map(({ recipient }) => recipient).join(',');
  return run('sops', [...args, '--age', recipients, '--filename-override', 'secrets.enc.env'], lines);
}

/** As a line of a .env file: sops has an escape for line ends and for nothing else. */
export function envLine(name: string, value: string): string {
  return `${name}=${value.replaceAll('\n', '\\n')}\n`;
}

/** A runner's environment with sops on PATH, and no key. */
export function envWithSops(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const path = `${dirname(toolPath('sops') ?? '')}:${process.env['PATH'] ?? ''}`;
  return { ...process.env, PATH: path, HOME: '/nonexistent', XDG_CONFIG_HOME: undefined, ...extra };
}

function run(tool: string, args: readonly string[], input: string): string {
  return execFileSync(toolPath(tool) ?? tool, args, {
    encoding: 'utf8',
    input,
    cwd: '/',
    timeout: 30_000,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}
