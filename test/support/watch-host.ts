// Another process that looks for pieces of canaries while something runs.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface Watched<T> {
  readonly result: T;
  /** Where a canary was, in an argument of a process or in a file. */
  readonly findings: readonly string[];
  readonly processes: number;
  readonly files: number;
  /** The names of the programs that ran meanwhile. */
  readonly programs: readonly string[];
}

/** Runs `work` under the eyes of a watch over all processes' arguments, and the files in these folders. */
export async function watchHost<T>(
  cores: readonly string[],
  folders: readonly string[],
  work: () => Promise<T>,
): Promise<Watched<T>> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'watch-host-process.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  const started = once(reader, 'line');
  reader.on('line', (line) => lines.push(line));
  const ended = once(reader, 'close');
  child.stdin.write(`${JSON.stringify({ cores, folders })}\n`);
  await started;
  try {
    const result = await work();
    child.stdin.end();
    await ended;
    return { result, findings: lines.slice(1, -1), ...JSON.parse(lines.at(-1) ?? '{}') };
  } finally {
    child.stdin.end();
  }
}
