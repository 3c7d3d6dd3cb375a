import { spawn } from 'node:child_process';
import { traceCommand } from '../process/command-trace.ts';
import { endWithUs, ownGroup } from '../process/interruption.ts';
import { gitEnvironment } from './environment.ts';

/** Where and how git runs for one repository. */
export interface GitPlace {
  /** The top folder of the checkout. */
  readonly cwd: string;
  /** Options before the command, such as `-c name=value`. */
  readonly options: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

export interface GitOutcome {
  /** undefined when git was ended by a signal, by the time limit, or could not be started. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * git in the checkout at `top`. With `trusted` it works in a folder of another user, too, as containers on
 * runners have it, without the entry in the user's configuration that it would otherwise want.
 */
export function gitPlace(top: string, trusted: boolean): GitPlace {
  return {
    cwd: top,
    options: trusted ? ['-c', `safe.directory=${top}`] : [],
    env: gitEnvironment(),
  };
}

/**
 * Runs one git command; never throws for one that fails. Node's own child processes, not execa: on the way
 * to a plan every millisecond of loading counts.
 */
export async function git(
  place: GitPlace,
  args: readonly string[],
  options: { readonly timeout?: number; readonly input?: string } = {},
): Promise<GitOutcome> {
  traceCommand(['git', ...place.options, ...args]);
  const child = spawn('git', [...place.options, ...args], {
    cwd: place.cwd,
    env: place.env,
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: options.timeout ?? 120_000,
    ...ownGroup(),
  });
  child.once('exit', endWithUs(child.pid));
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  return new Promise((resolve) => {
    const finish = (exitCode: number | undefined, reason: string) =>
      resolve({
        exitCode,
        stdout: Buffer.concat(out).toString(),
        stderr: reason === '' ? Buffer.concat(err).toString().trim() : reason,
      });
    child.on('error', (error: NodeJS.ErrnoException) =>
      finish(undefined, error.code === 'ENOENT' ? 'git is not installed' : error.message),
    );
    child.on('close', (code, signal) =>
      finish(code ?? undefined, signal === null ? '' : `git was ended by ${signal}`),
    );
  });
}
