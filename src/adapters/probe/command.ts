import type { Attempt } from '../../core/health/attempt.ts';
import type { CommandCheck } from '../../core/health/check.ts';
import { describeOutcome, type RunResult, run, succeeded } from '../process/run.ts';

/** Runs the command once; exit status 0 is healthy. */
export async function probeCommand(
  check: CommandCheck,
  limitMs: number,
  signal: AbortSignal,
): Promise<Attempt> {
  const result = await run(check.argv, {
    cwd: check.cwd,
    env: check.env,
    timeout: Math.max(1, Math.round(limitMs)),
    signal,
    wholeGroup: true,
    maxBuffer: 256 * 1024,
  });
  const latencyMs = result.durationMs;
  if (succeeded(result)) return { ok: true, latencyMs };
  if (result.outcome === 'timed-out') {
    return { ok: false, latencyMs, failure: { kind: 'timeout', afterMs: Math.round(limitMs), what: 'end' } };
  }
  if (result.outcome === 'not-started') {
    const failure = {
      kind: 'not-started',
      program: check.argv[0],
      reason: whyNotStarted(result.reason),
    } as const;
    return { ok: false, latencyMs, failure };
  }
  const failure = { kind: 'exit', outcome: describeOutcome(result), output: lastOutput(result) } as const;
  return { ok: false, latencyMs, failure };
}

function whyNotStarted(reason: string): string {
  switch (reason) {
    case 'ENOENT':
      return 'there is no such program, its folder is missing, or the interpreter in its first line is';
    case 'EACCES':
      return 'it is not executable (chmod +x)';
    case 'ENOEXEC':
      return 'it is no program; its first line must name an interpreter, e.g. #!/usr/bin/env bash';
    default:
      return `it could not be started (${reason})`;
  }
}

function lastOutput(result: RunResult): string {
  return result.stderr.trim() === '' ? result.stdout : result.stderr;
}
