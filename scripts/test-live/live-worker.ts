import { setTimeout as wait } from 'node:timers/promises';
import { printable } from '../../src/core/names.ts';

/** A worker at its address, asked with the key of the test organisation. */
export interface LiveWorker {
  readonly name: string;
  ask(method: string, path: string, options?: AskOptions): Promise<Answer>;
}

export interface AskOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** In place of the test organisation's; null: none. */
  readonly key?: string | null;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
  readonly text: string;
  /** Undefined for what is no JSON. */
  readonly json: unknown;
}

/** One thing that a worker has to do. Throws when it does not. */
export interface LiveCheck {
  readonly does: string;
  readonly check: (worker: LiveWorker, run: LiveRun) => Promise<void>;
}

/** What is different in each run, so that two at once do not meet. */
export interface LiveRun {
  readonly id: string;
}

const patience = 30_000;

export function liveWorker(name: string, url: string, key: string): LiveWorker {
  const base = url.replace(/\/+$/, '');
  return {
    name,
    async ask(method, path, { body, headers = {}, key: other = key } = {}) {
      const response = await fetch(`${base}${path}`, {
        method,
        headers: { ...headers, ...(other === null ? {} : { authorization: `Bearer ${other}` }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        // The key is for the worker alone.
        redirect: 'manual',
        signal: AbortSignal.timeout(patience),
      });
      const bytes = new Uint8Array(await response.arrayBuffer());
      const text = new TextDecoder().decode(bytes);
      return { status: response.status, headers: response.headers, bytes, text, json: parsed(text) };
    },
  };
}

/** @throws Error that says what came instead */
export function expectAnswer(answer: Answer, status: number, part: object = {}): void {
  const anything = Object.keys(part).length === 0;
  if (answer.status === status && (anything || holds(answer.json, part))) return;
  const wanted = anything ? `${status}` : `${status} with ${JSON.stringify(part)}`;
  throw new Error(`expected ${wanted}, got ${answer.status}: ${shown(answer.text)}`);
}

/** A worker that was deployed this moment is not everywhere at once. */
export async function expectHealthy(worker: LiveWorker, patienceMs: number): Promise<void> {
  const end = performance.now() + patienceMs;
  for (let last = ''; ; ) {
    try {
      const answer = await worker.ask('GET', '/health', { key: null });
      if (answer.status === 200) return;
      last = `${answer.status}: ${shown(answer.text)}`;
    } catch (error) {
      last = reasonOf(error);
    }
    if (performance.now() >= end) throw new Error(`/health does not answer with 200, but: ${last}`);
    await wait(Math.min(1000, patienceMs));
  }
}

export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && cause.message !== ''
    ? `${error.message}: ${cause.message}`
    : error.message;
}

/** What a stranger said, made safe to stand in a log. */
function shown(text: string): string {
  return printable(text, 300);
}

/** Whether `value` has everything that `part` has. */
function holds(value: unknown, part: unknown): boolean {
  if (typeof part !== 'object' || part === null) return value === part;
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(part).every(([key, wanted]) =>
    holds(Object.hasOwn(value, key) ? (value as Readonly<Record<string, unknown>>)[key] : undefined, wanted),
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
