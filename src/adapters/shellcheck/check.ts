import * as z from 'zod/mini';
import { describeOutcome, type RunResult, run } from '../process/run.ts';

export const severities = ['error', 'warning', 'info', 'style'] as const;
export type ShellcheckSeverity = (typeof severities)[number];

export interface Script {
  /** Relative to the top. */
  readonly path: string;
  readonly size: number;
}

export interface ShellcheckFinding {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly level: ShellcheckSeverity;
  readonly code: number;
  readonly message: string;
}

export interface ShellcheckResult {
  readonly findings: readonly ShellcheckFinding[];
  /** Scripts that it could not check, and why. */
  readonly failures: readonly { readonly path: string; readonly reason: string }[];
}

export interface ShellcheckRun {
  readonly binary: string;
  readonly top: string;
  readonly scripts: readonly Script[];
  readonly severity: ShellcheckSeverity;
  /** How many processes run at a time. */
  readonly jobs: number;
}

/** So many files share a process: starting it costs as much as checking two or three of them. */
const filesPerProcess = 100;
/** Linux takes 128 KiB in one argument and 2 MiB in all; this leaves room for the environment. */
const argumentBytes = 256 * 1024;
/** A script that takes longer than that is not checked but stuck. */
const processTimeoutMs = 60_000;

const output = z.object({
  comments: z.array(
    z.object({
      file: z.string(),
      line: z.number(),
      column: z.number(),
      level: z.enum(severities),
      code: z.number(),
      message: z.string(),
    }),
  ),
});

/**
 * Runs ShellCheck over all scripts, a share of them in each process. The repository's `.shellcheckrc` is not
 * read: what is checked must not switch its checks off out of the reviewer's sight. Sourced files are not
 * followed, they are checked for themselves; that it did not is no finding (SC1091).
 */
export async function checkScripts(options: ShellcheckRun): Promise<ShellcheckResult> {
  const queue = shares(options.scripts, options.jobs);
  const findings: ShellcheckFinding[] = [];
  const failures: { path: string; reason: string }[] = [];
  const work = async (): Promise<void> => {
    for (let share = queue.shift(); share !== undefined; share = queue.shift()) {
      const result = await runShare(options, share);
      const found = parseFindings(result);
      if (found !== undefined) {
        for (const finding of found) findings.push(finding);
        continue;
      }
      // One script that it can't digest must not take the others along.
      const half = Math.ceil(share.length / 2);
      if (share.length > 1) queue.push(share.slice(0, half), share.slice(half));
      else for (const { path } of share) failures.push({ path, reason: reasonOf(result) });
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, work));
  return { findings, failures };
}

/** Shares of about the same size, the large scripts first, at least a few for each job. */
function shares(scripts: readonly Script[], jobs: number): Script[][] {
  const count = Math.max(Math.min(jobs * 4, scripts.length), Math.ceil(scripts.length / filesPerProcess));
  const dealt: Script[][] = Array.from({ length: count }, () => []);
  const bySize = [...scripts].sort((a, b) => b.size - a.size || (a.path < b.path ? -1 : 1));
  for (const [index, script] of bySize.entries()) dealt[index % count]?.push(script);
  return dealt.flatMap(withinArguments);
}

function withinArguments(share: Script[]): Script[][] {
  const parts: Script[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const script of share) {
    const length = Buffer.byteLength(script.path) + 16;
    if (bytes + length > argumentBytes) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)?.push(script);
    bytes += length;
  }
  return parts;
}

async function runShare(options: ShellcheckRun, share: readonly Script[]): Promise<RunResult> {
  // `./` keeps a name from being taken for an option.
  const files = share.map(({ path }) => `./${path}`);
  return await run(
    [
      options.binary,
      '--norc',
      '--exclude=SC1091',
      '--format=json1',
      `--severity=${options.severity}`,
      '--',
      ...files,
    ],
    { cwd: options.top, env: { LC_ALL: 'C.UTF-8' }, timeout: processTimeoutMs },
  );
}

/** Undefined when it did not get through: 0 is clean, 1 means findings, all else is trouble. */
function parseFindings(result: RunResult): ShellcheckFinding[] | undefined {
  if (result.outcome !== 'exited' || result.exitCode > 1) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(result.stdout);
  } catch {
    return undefined;
  }
  const parsed = z.safeParse(output, json);
  if (!parsed.success) return undefined;
  return parsed.data.comments.map(({ file, ...finding }) => ({
    path: file.replace(/^\.\//, ''),
    ...finding,
  }));
}

function reasonOf(result: RunResult): string {
  const said = result.stderr.trim().split('\n').at(-1) ?? '';
  return said === '' ? describeOutcome(result) : `${describeOutcome(result)}: ${said}`;
}
