import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { runCancelled } from '../../core/cancelled.ts';
import { traceCommand } from './command-trace.ts';
import { endWithUs, ownGroup } from './interruption.ts';

export interface RunOptions {
  readonly cwd?: string;
  /** The whole environment of the child; nothing is inherited unless it is passed here. */
  readonly env: NodeJS.ProcessEnv;
  readonly input?: string | Uint8Array;
  /** An open file that the child reads from, in place of `input`. */
  readonly stdin?: number;
  /** In milliseconds; the child gets SIGTERM, and SIGKILL 5 s later. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
  /**
   * Timeout and cancellation also end what the child started. Without it a script's own children live on, and
   * as long as they hold its output open, so does the call. The child no longer gets the terminal's Ctrl-C.
   */
  readonly wholeGroup?: boolean;
  /** Called with each line of stdout and stderr as it comes. */
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
  /**
   * How much of the end of stdout (and of stderr) is kept, in characters; the child is not disturbed by it.
   * Without it all is kept, and a child that prints more than 64 MiB is ended.
   */
  readonly maxBuffer?: number;
}

/** Between SIGTERM and SIGKILL. */
const forceKillAfterMs = 5000;

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
  // On use, because it takes longer to load than the rest of an action that runs nothing.
  const { execa } = await import('execa');
  const [file, ...args] = command;
  traceCommand(command);
  const child = execa(file, args, {
    reject: false,
    env: options.env,
    extendEnv: false,
    stripFinalNewline: true,
    ...(options.maxBuffer === undefined ? { maxBuffer: 64 * 1024 * 1024 } : { buffer: false as const }),
    forceKillAfterDelay: forceKillAfterMs,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.input === undefined ? { stdin: stdinOf(options) } : { input: options.input }),
    ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
    ...(options.wholeGroup === true ? { detached: true } : ownGroup()),
  });
  const hasEnded = endWithUs(child.pid);
  const release = options.wholeGroup === true ? endGroupWith(child.pid, options) : () => {};
  const ends = options.maxBuffer === undefined ? undefined : keepEnds(child, options.maxBuffer);
  const { onLine } = options;
  if (onLine !== undefined) {
    for (const stream of ['stdout', 'stderr'] as const) {
      void (async () => {
        for await (const line of child.iterable({ from: stream })) onLine(String(line), stream);
      })().catch(() => {});
    }
  }
  const result = await child;
  hasEnded();
  release();
  const common = {
    command,
    stdout: ends?.stdout() ?? result.stdout ?? '',
    stderr: ends?.stderr() ?? result.stderr ?? '',
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

function stdinOf({ stdin }: RunOptions): 'ignore' | 3 {
  return stdin !== undefined && isDescriptor(stdin) ? stdin : 'ignore';
}

/** Execa takes any descriptor; its types know single digits only. */
function isDescriptor(number: number): number is 3 {
  return number >= 3;
}

interface Streams {
  readonly stdout: Readable;
  readonly stderr: Readable;
}

/** Collects the last `limit` characters of both streams; without the final line end, as execa gives them. */
function keepEnds(child: Streams, limit: number): { stdout(): string; stderr(): string } {
  const collect = (stream: Readable) => {
    const decoder = new StringDecoder('utf8');
    let text = '';
    stream.on('data', (chunk: Buffer) => {
      text += decoder.write(chunk);
      // Cutting at twice the limit means copying each character about once.
      if (text.length > 2 * limit) text = text.slice(-limit);
    });
    return () => text.slice(-limit).replace(/\r?\n$/, '');
  };
  return { stdout: collect(child.stdout), stderr: collect(child.stderr) };
}

/** Signals the child's process group when execa signals the child; returns how to stop watching. */
function endGroupWith(pid: number | undefined, options: RunOptions): () => void {
  if (pid === undefined) return () => {};
  const signalGroup = (signal: NodeJS.Signals) => {
    try {
      process.kill(-pid, signal);
    } catch {
      // It has ended already.
    }
  };
  const timers: NodeJS.Timeout[] = [];
  const end = () => {
    signalGroup('SIGTERM');
    timers.push(setTimeout(signalGroup, forceKillAfterMs, 'SIGKILL'));
  };
  // A moment after execa's own timer, so that the result says `timed-out`.
  if (options.timeout !== undefined) timers.push(setTimeout(end, options.timeout + 5));
  options.signal?.addEventListener('abort', end, { once: true });
  if (options.signal?.aborted === true) end();
  return () => {
    for (const timer of timers) clearTimeout(timer);
    options.signal?.removeEventListener('abort', end);
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
  throw runCancelled();
}
