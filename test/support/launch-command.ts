// The command line as it ships: `dist/cli/index.js`, started as a child process under Node 24.
import { spawn } from 'node:child_process';
import { relative, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, expect } from '@jest/globals';
import { assertOutput, seenOutputs } from './output-schemas.ts';
import { printedBy } from './printed-by.ts';
import { hermeticGitEnv } from './repository.ts';
import { ROOT } from './source-tree.ts';
import { node24, toolPath } from './tools.ts';

const command = resolve(import.meta.dirname, '../../dist/cli/index.js');

// What no test prints could be anything.
afterAll(() => {
  const file = relative(ROOT, expect.getState().testPath ?? '');
  const wanted = Object.keys(printedBy).filter((words) => printedBy[words] === file);
  const missing = wanted.filter((words) => !seenOutputs.has(words));
  // A file whose tools can't be had prints nothing; in CI that is a failure anyway.
  const isSkipped = seenOutputs.size === 0 && process.env['CI'] !== 'true';
  if (missing.length === 0 || isSkipped) return;
  throw new Error(
    `printed-by.ts says that this file prints these with --json, and it did not: ${missing.join(', ')}. (Not all of its tests are run with -t.)`,
  );
});

export interface LaunchRun {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What `--json` printed. */
  json(): unknown;
}

export interface LaunchOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly stdin?: string;
  /** The reader of stdout is gone before the first line. */
  readonly closeStdout?: boolean;
}

/** The exit status of a command line that can't be meant: nothing is printed on stdout then. */
const wrongUsage = 2;

/**
 * Runs `launch ...args` and waits for its end; never throws for a failing command. What `--json` printed is held to its
 * published schema, whether the test looks at it or not.
 */
export async function launch(args: readonly string[], options: LaunchOptions): Promise<LaunchRun> {
  const child = spawn(node24(), [command, ...args], {
    cwd: options.cwd,
    env: { ...hermeticGitEnv(), HOME: options.cwd, PATH: pathWithTools(), ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: 120_000,
  });
  if (options.closeStdout === true) child.stdout.destroy();
  child.stdin.on('error', () => {});
  child.stdin.end(options.stdin ?? '');
  const ended = new Promise<number | null>((done, fail) => child.once('error', fail).once('close', done));
  const [stdout, stderr, exitCode] = await Promise.all([
    options.closeStdout === true ? '' : text(child.stdout),
    text(child.stderr),
    ended,
  ]);
  const isWhole = options.closeStdout !== true && exitCode !== null && exitCode !== wrongUsage;
  if (args.includes('--json') && isWhole) assertOutput(args, stdout);
  return { exitCode, stdout, stderr, json: () => JSON.parse(stdout) as unknown };
}

/** The real shellcheck first: npm's folder, which a test run has on PATH, holds a program that downloads one. */
function pathWithTools(): string {
  const shellcheck = toolPath('shellcheck');
  const path = (process.env['PATH'] ?? '').split(':').filter((it) => !it.endsWith('/node_modules/.bin'));
  return [...(shellcheck === undefined ? [] : [shellcheck.replace(/\/[^/]+$/, '')]), ...path].join(':');
}
