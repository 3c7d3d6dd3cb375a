// Starts an action of dist/ as a runner does: a child process of its own with the
// inputs in its environment and files to answer into. Nothing of this process's
// environment reaches it except PATH and how to find the container engine.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll } from '@jest/globals';
import { readActionFile } from '../../scripts/generate/action-file.ts';
import {
  type Annotation,
  annotationsOf,
  type Command,
  parseFileCommands,
  workflowCommands,
} from './runner-commands.ts';
import { node24 } from './tools.ts';

const ROOT = resolve(import.meta.dirname, '../..');

export interface ActionRun {
  /** By the names of action.yml. Its defaults apply to the rest; `undefined` counts as not given. */
  readonly inputs?: Readonly<Record<string, string | undefined>>;
  /** Added to the runner's environment, or replacing a part of it; `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The content of GITHUB_EVENT_PATH. */
  readonly event?: unknown;
  /** Default `push`. */
  readonly eventName?: string;
  /** The workspace; default an empty folder. */
  readonly cwd?: string;
  /** Which of action.yml's programs; default `main`. */
  readonly stage?: 'main' | 'pre' | 'post';
  /** What the main stage saved, for `post`. */
  readonly state?: Readonly<Record<string, string>>;
  /** After which it is killed; default 55 s. */
  readonly timeoutMs?: number;
  /** In a process group of its own, as a terminal or a runner has it. */
  readonly ownGroup?: boolean;
  /** Another checkout than this one. */
  readonly root?: string;
}

export interface ActionResult {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
  readonly annotations: readonly Annotation[];
  readonly commands: readonly Command[];
  readonly masks: readonly string[];
  readonly state: Readonly<Record<string, string>>;
  readonly exported: Readonly<Record<string, string>>;
  readonly durationMs: number;
  /** RUNNER_TEMP, there until the test file is done. */
  readonly temp: string;
}

export interface StartedAction {
  readonly pid: number;
  /** What has been printed so far, both streams as they came. */
  log(): string;
  kill(signal: NodeJS.Signals): void;
  readonly result: Promise<ActionResult>;
}

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Runs an action to its end; a failing one is a result like any other. */
export async function runAction(name: string, run: ActionRun = {}): Promise<ActionResult> {
  return await startAction(name, run).result;
}

/** For tests that do something while the action runs, such as cancelling it. */
export function startAction(name: string, run: ActionRun = {}): StartedAction {
  const root = run.root ?? ROOT;
  const action = readActionFile(root, name);
  const program = action.runs[run.stage ?? 'main'];
  if (program === undefined) throw new Error(`${name} has no "${run.stage ?? 'main'}" program`);
  const folder = mkdtempSync(join(tmpdir(), 'launch-action-'));
  folders.push(folder);
  const files = makeFiles(folder, run.event ?? {});
  const env = {
    ...runnerEnvironment(folder, files, run),
    ...inputVariables(withDefaults(action.inputs, run), action.inputs),
    ...Object.fromEntries(Object.entries(run.state ?? {}).map(([key, value]) => [`STATE_${key}`, value])),
    ...run.env,
  };

  const started = performance.now();
  const child = spawn(node24(), [resolve(root, 'actions', name, program)], {
    cwd: run.cwd ?? join(folder, 'workspace'),
    env: Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined)),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: run.ownGroup === true,
    timeout: run.timeoutMs ?? 55_000,
    killSignal: 'SIGKILL',
  });
  const printed = { stdout: '', stderr: '', both: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      printed[stream] += text;
      printed.both += text;
    });
  }
  const result = new Promise<ActionResult>((done, fail) => {
    child.once('error', fail);
    child.once('close', (exitCode, signal) => {
      const { stdout, stderr } = printed;
      try {
        const commands = [...workflowCommands(stdout), ...workflowCommands(stderr)];
        done({
          exitCode,
          signal,
          stdout,
          stderr,
          commands,
          annotations: annotationsOf(commands),
          masks: commands.filter((command) => command.name === 'add-mask').map(({ message }) => message),
          outputs: parseFileCommands(readFileSync(files.GITHUB_OUTPUT, 'utf8')),
          state: parseFileCommands(readFileSync(files.GITHUB_STATE, 'utf8')),
          exported: parseFileCommands(readFileSync(files.GITHUB_ENV, 'utf8')),
          summary: readFileSync(files.GITHUB_STEP_SUMMARY, 'utf8'),
          durationMs: performance.now() - started,
          temp: join(folder, 'temp'),
        });
      } catch (error) {
        fail(error);
      }
    });
  });
  return {
    pid: child.pid ?? 0,
    log: () => printed.both,
    kill: (signal) => void child.kill(signal),
    result,
  };
}

type RunnerFiles = ReturnType<typeof makeFiles>;

function makeFiles(folder: string, event: unknown) {
  for (const name of ['workspace', 'temp', 'home', 'tool-cache']) mkdirSync(join(folder, name));
  const file = (name: string, content: string) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  return {
    GITHUB_OUTPUT: file('output', ''),
    GITHUB_STEP_SUMMARY: file('summary.md', ''),
    GITHUB_ENV: file('env', ''),
    GITHUB_STATE: file('state', ''),
    GITHUB_PATH: file('path', ''),
    GITHUB_EVENT_PATH: file('event.json', JSON.stringify(event)),
  };
}

function runnerEnvironment(folder: string, files: RunnerFiles, run: ActionRun) {
  const engine = Object.entries(process.env).filter(([name]) => /^DOCKER_[A-Z_]+$/.test(name));
  return {
    ...Object.fromEntries(engine),
    // Without root, compose is a plugin in the user's own folder.
    DOCKER_CONFIG: process.env['DOCKER_CONFIG'] ?? join(homedir(), '.docker'),
    PATH: process.env['PATH'],
    HOME: join(folder, 'home'),
    LANG: 'C.UTF-8',
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_EVENT_NAME: run.eventName ?? 'push',
    GITHUB_REPOSITORY: 'octo/shop',
    GITHUB_REPOSITORY_OWNER: 'octo',
    GITHUB_SERVER_URL: 'https://github.com',
    // Nothing answers there: a test that wants an API starts one.
    GITHUB_API_URL: 'http://127.0.0.1:9',
    GITHUB_WORKSPACE: run.cwd ?? join(folder, 'workspace'),
    GITHUB_JOB: 'test',
    GITHUB_WORKFLOW: 'Test',
    GITHUB_RUN_ID: '1',
    GITHUB_RUN_NUMBER: '1',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_ACTOR: 'octocat',
    RUNNER_OS: 'Linux',
    RUNNER_ARCH: process.arch === 'arm64' ? 'ARM64' : 'X64',
    RUNNER_NAME: 'test',
    RUNNER_ENVIRONMENT: 'self-hosted',
    RUNNER_TEMP: join(folder, 'temp'),
    RUNNER_TOOL_CACHE: join(folder, 'tool-cache'),
    ...files,
  };
}

type DeclaredInputs = ReturnType<typeof readActionFile>['inputs'];

function withDefaults(declared: DeclaredInputs, run: ActionRun): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, input] of Object.entries(declared)) {
    values[name] = run.inputs?.[name] ?? evaluate(String(input.default ?? ''), run);
  }
  for (const [name, value] of Object.entries(run.inputs ?? {})) {
    if (value !== undefined) values[name] = value;
  }
  return values;
}

/** The runner warns of an input that the action does not declare; in a test it is a mistake. */
function inputVariables(values: Record<string, string>, declared: DeclaredInputs) {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      if (!Object.hasOwn(declared, name)) throw new Error(`action.yml declares no input "${name}"`);
      return [`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`, value];
    }),
  );
}

/** The few expressions that a default in an action.yml of this repository may hold. */
function evaluate(text: string, run: ActionRun): string {
  return text.replace(/\$\{\{\s*([\w.-]+)\s*\}\}/g, (expression, name: string) => {
    switch (name) {
      case 'github.token':
        return run.env?.['GITHUB_TOKEN'] ?? '';
      // As GitHub Enterprise Server has it.
      case 'job.check_run_id':
        return '';
      case 'github.workspace':
        return run.cwd ?? '.';
      default:
        throw new Error(`run-action.ts does not know the expression ${expression}`);
    }
  });
}
