import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseFileCommands } from '../../test/support/runner-commands.ts';

/** A step that has ended. */
export interface Ended {
  readonly exitCode: number | null;
  readonly output: string;
  /** What its output `status` says. */
  readonly status: string;
  readonly ms: number;
  /** What it left for a later stage. */
  readonly saved: Readonly<Record<string, string>>;
}

export interface StartedAction {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

export interface ActionStart {
  /** `compose-deploy` or another of dist/. */
  readonly action: string;
  readonly cwd: string;
  /** Where a folder for the runner's files is made. */
  readonly base: string;
  readonly inputs: Readonly<Record<string, string>>;
  /** Of the runner, beside what every step has. */
  readonly env: Readonly<Record<string, string>>;
  /** Default `main`. */
  readonly stage?: 'main' | 'post';
  /** What main has left, for `post`. */
  readonly state?: Readonly<Record<string, string>>;
}

/** Starts an action of dist/ as a runner does. */
export function startAction({
  action,
  cwd,
  base,
  inputs,
  env,
  stage,
  state = {},
}: ActionStart): StartedAction {
  const folder = mkdtempSync(join(base, 'step-'));
  for (const name of ['output', 'summary', 'saved']) writeFileSync(join(folder, name), '');
  const began = performance.now();
  const program = stage === 'post' ? 'post.js' : 'index.js';
  const child = spawn(process.execPath, [resolve(import.meta.dirname, '../../dist', action, program)], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('DOCKER_'))),
      PATH: process.env['PATH'],
      GITHUB_OUTPUT: join(folder, 'output'),
      GITHUB_STATE: join(folder, 'saved'),
      GITHUB_STEP_SUMMARY: join(folder, 'summary'),
      ...env,
      ...Object.fromEntries(
        Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
      ),
      ...Object.fromEntries(Object.entries(state).map(([name, value]) => [`STATE_${name}`, value])),
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const ended = new Promise<number | null>((done) => {
    child.once('close', done);
  }).then((exitCode) => ({
    exitCode,
    output,
    status: parseFileCommands(readFileSync(join(folder, 'output'), 'utf8'))['status'] ?? 'no status',
    ms: performance.now() - began,
    saved: parseFileCommands(readFileSync(join(folder, 'saved'), 'utf8')),
  }));
  return { child, ended };
}
