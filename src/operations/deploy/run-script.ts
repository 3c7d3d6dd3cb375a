import { describeOutcome, type RunResult, run, succeeded } from '../../adapters/process/run.ts';
import { runCancelled } from '../../core/cancelled.ts';
import type { Failure } from '../../core/deploy/result.ts';
import { printable } from '../../core/names.ts';
import type { Deployment } from './deployment.ts';

/** How much of a command's output is shown where it failed. */
export const shownLines = 20;

export interface CommandRequest {
  /** Of the group in the log. */
  readonly title: string;
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Runs a command of a deployment with its output streamed into a group of the log. */
export async function runCommand(
  deployment: Deployment,
  request: CommandRequest,
): Promise<Failure | undefined> {
  const { reporter, redact, request: asked } = deployment;
  const { signal } = deployment.interruption;
  const last: string[] = [];
  await deployment.charge.beforeEffect(`run ${request.title}`);
  const result = await reporter.group(
    request.title,
    async () =>
      await run(request.command, {
        cwd: request.cwd,
        env: request.env,
        wholeGroup: true,
        timeout: Math.max(asked.timeoutMs, longestCommandMs),
        ...(signal === undefined ? {} : { signal }),
        maxBuffer: 1024 * 1024,
        onLine: (line) => {
          reporter.output(line);
          last.push(boundedLine(redact(line)));
          if (last.length > shownLines) last.shift();
        },
      }),
  );
  if (result.outcome === 'cancelled') throw runCancelled();
  if (succeeded(result)) return undefined;
  return { reason: `${request.title}: ${why(result)}`, lines: last };
}

/** Builds and migrations take their time; the wait for health has its own bound. */
const longestCommandMs = 30 * 60_000;

export function boundedLine(line: string): string {
  return printable(line, 300);
}

function why(result: RunResult): string {
  if (result.outcome === 'not-started' && result.reason === 'EACCES') {
    return 'the script is not executable (git update-index --chmod=+x makes it so)';
  }
  return describeOutcome(result);
}
