import { type CloudflareClient, cloudflareClient } from '../../adapters/cloudflare/api.ts';
import { runCancelled } from '../../core/cancelled.ts';
import { LaunchError } from '../../core/errors.ts';
import { redactor } from '../../core/secrets/redact.ts';
import { redactingReporter } from '../deploy/redacting-reporter.ts';
import type { Reporter } from '../reporter.ts';
import type { WorkerContext } from './request.ts';

/** What an operation on a worker works with. */
export interface WorkerWork {
  /** For everything but the way back: it ends with the time or the run. */
  readonly client: CloudflareClient;
  /** For the way back, which nothing interrupts. */
  readonly wayBack: CloudflareClient;
  /** Aborted when the run is cancelled or its time is over. */
  readonly over: AbortSignal;
  /** In milliseconds. */
  timeLeft(): number;
  elapsedMs(): number;
  /** No secret passes it. */
  readonly reporter: Reporter;
  readonly redact: (text: string) => string;
  /** For the person who asked; told at once, and again at the end. */
  notice(text: string): void;
  readonly notices: readonly string[];
  /** @throws LaunchError CANCELLED or TIMEOUT */
  goOn(): void;
}

/** How long each request of the way back may take: it has to fit into what a runner gives a cancelled step. */
const wayBackMs = 10_000;

export function beginWork(
  { account, timeoutMs, signal }: WorkerContext,
  secrets: Iterable<string>,
  reporter: Reporter,
): WorkerWork {
  const started = performance.now();
  const elapsedMs = () => Math.round(performance.now() - started);
  const inTime = AbortSignal.timeout(timeoutMs);
  const over = signal === undefined ? inTime : AbortSignal.any([signal, inTime]);
  const options = { token: account.apiToken, accountId: account.accountId, apiUrl: account.apiUrl };
  const redact = redactor([account.apiToken, ...secrets]);
  const quiet = redactingReporter(reporter, redact);
  const notices: string[] = [];
  let client: CloudflareClient | undefined;
  let wayBack: CloudflareClient | undefined;
  return {
    // Made on use: a rehearsal does without a token, which the client would refuse to do.
    get client() {
      client ??= cloudflareClient({ ...options, signal: over });
      return client;
    },
    get wayBack() {
      wayBack ??= cloudflareClient({ ...options, timeout: wayBackMs });
      return wayBack;
    },
    over,
    timeLeft: () => timeoutMs - elapsedMs(),
    elapsedMs,
    reporter: quiet,
    redact,
    notice: (text) => {
      notices.push(redact(text));
      quiet.info(text);
    },
    notices,
    goOn() {
      if (signal?.aborted === true) throw runCancelled();
      if (inTime.aborted) throw outOfTime(timeoutMs);
    },
  };
}

export function outOfTime(timeoutMs: number): LaunchError {
  return new LaunchError('TIMEOUT', `It took more than the ${Math.round(timeoutMs / 1000)} s it was given.`, {
    remedy: 'See where the time went; if it only needs longer, raise `timeout`.',
  });
}
