import { spawnSync } from 'node:child_process';

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** What it may end with 1 for, having said so. */
  readonly refusal?: string;
}

export interface Comparison {
  /** The median of the ratios of the pairs. */
  readonly ratio: number;
  /** Medians, in milliseconds. */
  readonly candidateMs: number;
  readonly baselineMs: number;
}

/**
 * How much longer `candidate` takes than `baseline`. The two run in turns and each pair gives one ratio, so
 * that whatever else the machine does at that moment slows both.
 */
export function compare(candidate: Command, baseline: Command, pairs: number): Comparison {
  run(candidate);
  run(baseline);
  const measured = Array.from({ length: pairs }, () => ({
    baseline: run(baseline),
    candidate: run(candidate),
  }));
  return {
    ratio: median(measured.map((pair) => pair.candidate / pair.baseline)),
    candidateMs: median(measured.map((pair) => pair.candidate)),
    baselineMs: median(measured.map((pair) => pair.baseline)),
  };
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** In milliseconds. A command that fails would make a fine figure of nothing, so it ends the benchmark. */
function run(command: Command): number {
  const started = performance.now();
  const result = spawnSync(command.file, command.args, {
    cwd: command.cwd,
    env: command.env,
    encoding: 'utf8',
    timeout: 60_000,
  });
  const ms = performance.now() - started;
  const refused =
    command.refusal !== undefined && result.status === 1 && result.stdout.includes(command.refusal);
  if (result.status !== 0 && !refused) {
    throw new Error(
      `${command.args.join(' ')} ended with ${result.status}:\n${result.stdout}${result.stderr}`,
    );
  }
  return ms;
}
