import { traceCommands } from '../adapters/process/command-trace.ts';
import { interrupted } from '../adapters/process/interruption.ts';
import { cancelledInstead } from '../core/cancelled.ts';
import { LaunchError } from '../core/errors.ts';
import type { Reporter } from '../operations/reporter.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import type { ErrorOutput } from './output/error.ts';
import { paint, terminalReporter } from './terminal.ts';

/** Options that every command takes. */
export interface CommonOptions {
  readonly json?: boolean;
  readonly verbose?: boolean;
  /** The folder to work in, as `git -C`. */
  readonly directory?: string;
}

export interface CommandContext {
  readonly cwd: string;
  readonly reporter: Reporter;
}

/**
 * What a command has for its user: the result for `--json`, the same for people, and the exit status. `Output` is the
 * type of the command's schema in src/cli/output/, from which the published JSON Schema is made.
 */
export interface CommandResult<Output> {
  readonly json: ReadonlyDeep<Output>;
  readonly print: () => Promise<void> | void;
  readonly exitCode?: number;
}

/** Of a command that has printed all by itself: its result has no end, or is too long to be held. */
export interface PrintedResult {
  readonly isPrinted: true;
  readonly exitCode?: number;
}

/** A schema's type has arrays that could be changed; a result has none. */
export type ReadonlyDeep<T> = T extends object ? { readonly [Key in keyof T]: ReadonlyDeep<T[Key]> } : T;

/** The command line can't be meant as it stands. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Runs one command: its result on stdout, its progress and errors on stderr, its exit status as documented. */
export async function runCommand(
  options: CommonOptions,
  command: (context: CommandContext) => Promise<CommandResult<unknown> | PrintedResult>,
): Promise<void> {
  const json = options.json === true;
  const verbose = options.verbose === true;
  try {
    const reporter = terminalReporter({ quiet: json && !verbose, verbose });
    if (verbose) traceCommands((line) => reporter.debug(line));
    const result = await command({ cwd: options.directory ?? process.cwd(), reporter });
    if ('isPrinted' in result) {
      // Nothing is left to be printed.
    } else if (json) process.stdout.write(`${JSON.stringify(result.json, null, 2)}\n`);
    else await result.print();
    process.exitCode = result.exitCode ?? exitCodes.ok;
  } catch (error) {
    report(cancelledInstead(error, interrupted()), { json, verbose });
  }
}

/** Says what a command failed with, and sets the process's exit status. */
export function report(error: unknown, options: { readonly json: boolean; readonly verbose: boolean }): void {
  if (error instanceof UsageError) {
    process.exitCode = exitCodes.usage;
    process.stderr.write(`error: ${error.message}\nRun with --help for all options.\n`);
    return;
  }
  if (!(error instanceof LaunchError)) {
    process.exitCode = exitCodes.failed;
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`launch failed unexpectedly; please report this:\n${text}\n`);
    return;
  }
  process.exitCode = exitCodeOf(error.code);
  if (options.json) {
    const { code, message, summary, place, remedy } = error;
    const output: ReadonlyDeep<ErrorOutput> = { error: { code, message, summary, place, remedy } };
    process.stdout.write(`${JSON.stringify(output, null, 2)}\n`);
  }
  process.stderr.write(`${paint('red', `${error.code}:`, process.stderr)} ${error.message}\n`);
  if (options.verbose && error.cause instanceof Error) process.stderr.write(`${error.cause.stack}\n`);
}
