import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { describeOutcome, run, succeeded } from '../../adapters/process/run.ts';
import { hostPart } from '../../core/deploy/child-env.ts';
import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';
import type { Reporter } from '../reporter.ts';
import type { TestOutcome } from './verify-set.ts';

/** What runs where nobody named a command. */
export const defaultLiveTests = 'npm run test:e2e --if-present';

export interface LiveTests {
  /** The top of the checkout. */
  readonly cwd: string;
  /** For a shell; the workflow's author wrote it. */
  readonly command: string;
  /** Masked by the caller. */
  readonly apiKey: string | undefined;
  /** Of this process; only what tools need is passed on, so that the tests see no other secret. */
  readonly hostEnv: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly redact: (text: string) => string;
}

/** The lines of a failure that are shown. */
const shownLines = 30;

const packageFile = z.looseObject({ scripts: z.optional(z.record(z.string(), z.string())) });

/** Whether there is anything to run: npm is silent about a script that is not there. */
export function hasLiveTests({ cwd, command }: Pick<LiveTests, 'cwd' | 'command'>): boolean {
  if (command !== defaultLiveTests) return true;
  const path = join(cwd, 'package.json');
  if (!existsSync(path)) return false;
  const parsed = packageFile.safeParse(parseJson(readFileSync(path, 'utf8')));
  // Where it can't be read, npm says so.
  return !parsed.success || parsed.data.scripts?.['test:e2e'] !== undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Runs the tests against live workers, with WORKER_URLS and TEST_API_KEY in their environment.
 *
 * @throws LaunchError CANCELLED when the run was ended: that says nothing about the workers.
 */
export async function runLiveTests(
  tests: LiveTests,
  urls: Readonly<Record<string, string>>,
  reporter: Reporter,
): Promise<TestOutcome> {
  const lines: string[] = [];
  const result = await reporter.group(
    'End-to-end tests',
    async () =>
      await run(['bash', '--noprofile', '--norc', '-eo', 'pipefail', '-c', tests.command], {
        cwd: tests.cwd,
        env: {
          ...hostPart(tests.hostEnv),
          CI: 'true',
          WORKER_URLS: JSON.stringify(urls),
          ...(tests.apiKey === undefined ? {} : { TEST_API_KEY: tests.apiKey }),
        },
        wholeGroup: true,
        timeout: tests.timeoutMs,
        signal: tests.signal,
        maxBuffer: 1024 * 1024,
        onLine: (line) => {
          reporter.output(line);
          lines.push(printable(tests.redact(line), 300));
          if (lines.length > shownLines) lines.shift();
        },
      }),
  );
  if (result.outcome === 'cancelled') {
    throw new LaunchError('CANCELLED', 'The run was cancelled while the live workers were tested.', {
      remedy: `They serve untested: ${Object.keys(urls).join(', ')}. Run all jobs again, or take them back.`,
    });
  }
  if (succeeded(result)) return { outcome: 'passed' };
  return {
    outcome: 'failed',
    reason: `the end-to-end tests (${printable(tests.command, 80)}): ${describeOutcome(result)}`,
    lines,
  };
}
