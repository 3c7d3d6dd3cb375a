// `launch ... -f`: a command that does not end by itself, and what it has printed so far.
import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { hermeticGitEnv } from './repository.ts';
import { node24 } from './tools.ts';

const command = resolve(import.meta.dirname, '../../dist/cli/index.js');

export interface Following {
  readonly child: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Waits until what is on stdout or stderr has this in it. */
  says(text: string | RegExp): Promise<void>;
  /** How it ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

export function startLaunch(
  args: readonly string[],
  { cwd, env = {} }: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv },
): Following {
  const child = spawn(node24(), [command, ...args], {
    cwd,
    env: { ...hermeticGitEnv(), HOME: cwd, PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 120_000,
  });
  const said = { stdout: '', stderr: '' };
  const waiting = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk: Buffer) => {
      said[name] += chunk.toString();
      for (const look of waiting) look();
    });
  }
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((done) =>
    child.once('close', (code, signal) => done({ code, signal })),
  );
  return {
    child,
    stdout: () => said.stdout,
    stderr: () => said.stderr,
    ended,
    says: async (text) =>
      await new Promise<void>((done, fail) => {
        const look = () => {
          const all = `${said.stdout}\n${said.stderr}`;
          if (typeof text === 'string' ? !all.includes(text) : !text.test(all)) return;
          waiting.delete(look);
          done();
        };
        waiting.add(look);
        look();
        void ended.then(() => fail(new Error(`it ended, and had said:\n${said.stdout}\n${said.stderr}`)));
      }),
  };
}
