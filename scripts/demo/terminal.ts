import { spawnSync } from 'node:child_process';
import { styleText } from 'node:util';

export function heading(text: string): void {
  process.stdout.write(`\n${styleText(['bold', 'cyan'], `── ${text}`)}\n`);
}

export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

export interface Shown {
  readonly exitCode: number;
  readonly stdout: string;
}

/** Shows `typed` as a person would type it, runs `command`, shows what it prints, and gives it back. */
export function show(typed: string, command: readonly [string, ...string[]], cwd: string): Shown {
  say(styleText('bold', `$ ${typed}`));
  const [file, ...args] = command;
  const result = spawnSync(file, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  if (result.error !== undefined) throw result.error;
  process.stdout.write(result.stdout);
  return { exitCode: result.status ?? -1, stdout: result.stdout };
}

/** The demonstration is also a check: what it claims has to be so. */
export function expectThat(claim: string, holds: boolean): void {
  if (!holds) throw new Error(`The demonstration failed: ${claim} does not hold.`);
  say(`${styleText('green', '✓')} ${claim}`);
}
