import { execa } from 'execa';
import { LaunchError } from '../../core/errors.ts';

export interface RunOptions {
  readonly cwd?: string;
  /** The whole environment of the child; nothing is inherited unless it is passed here. */
  readonly env: NodeJS.ProcessEnv;
  readonly input?: string | Uint8Array;
  /** In milliseconds; the child gets SIGTERM, and SIGKILL 5 s later. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
  /** Called with each line of stdout and stderr as it comes. */
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
  /** How much of stdout (and of stderr) is kept, in characters; the child is not disturbed by it. Default 64 MiB. */
  readonly maxBuffer?: number;
}

/** What became of a child process. How it ended is told apart; only `exited` has an exit status. */
export type RunResult = {
  readonly command: readonly string[];
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
} & (
  | { readonly outcome: 'exited'; readonly exitCode: number }
  | { readonly outcome: 'signalled'; readonly signal: string }
  | { readonly outcome: 'timed-out' | 'cancelled' }
  | { readonly outcome: 'not-started'; readonly reason: string }
);

/**
 * Runs a command without a shell and says how it ended; never throws for a failing command. Arguments must
 * hold no secret: they are visible to every user of the machine.
 */
export async function run(command: readonly [string, ...string[]], options: RunOptions): Promise<RunResult> {
  const [file, ...args] = command;
  const child = execa(file, args, {
    reject: false,
    env: options.env,
    extendEnv: false,
    stripFinalNewline: true,
    maxBuffer: options.maxBuffer ?? 64 * 1024 * 1024,
    forceKillAfterDelay: 5000,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.input === undefined ? { stdin: 'ignore' } : { input: options.input }),
    ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
  });
  const { onLine } = options;
  if (onLine !== undefined) {
    for (const stream of ['stdout', 'stderr'] as const) {
      void (async () => {
        for await (const line of child.iterable({ from: stream })) onLine(String(line), stream);
      })().catch(() => {});
    }
  }
  const result = await child;
  const common = {
    command,
    stdout: result.stdout ?? '',
    stderr: result.stderr ?? '',
    durationMs: Math.round(result.durationMs),
  };
  if (result.timedOut) return { ...common, outcome: 'timed-out' };
  if (result.isCanceled) return { ...common, outcome: 'cancelled' };
  if (result.exitCode !== undefined) return { ...common, outcome: 'exited', exitCode: result.exitCode };
  if (result.signal !== undefined) return { ...common, outcome: 'signalled', signal: result.signal };
  return {
    ...common,
    outcome: 'not-started',
    reason: 'code' in result && typeof result.code === 'string' ? result.code : 'unknown',
  };
}

export function succeeded(result: RunResult): boolean {
  return result.outcome === 'exited' && result.exitCode === 0;
}

/** How a command ended, for messages: `exit status 1`, `killed by SIGKILL`, `timed out`. */
export function describeOutcome(result: RunResult): string {
  switch (result.outcome) {
    case 'exited':
      return `exit status ${result.exitCode}`;
    case 'signalled':
      return `killed by ${result.signal}`;
    case 'timed-out':
      return 'timed out';
    case 'cancelled':
      return 'cancelled';
    case 'not-started':
      return result.reason === 'ENOENT'
        ? 'the program was not found'
        : `could not be started (${result.reason})`;
  }
}

/** @throws LaunchError CANCELLED when the run was cancelled; otherwise gives the result back. */
export function assertNotCancelled(result: RunResult): RunResult {
  if (result.outcome !== 'cancelled') return result;
  throw new LaunchError('CANCELLED', 'The run was cancelled.', {
    remedy: 'Start it again when you want it to go on.',
  });
}
