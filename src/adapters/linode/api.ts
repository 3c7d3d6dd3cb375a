import * as z from 'zod/mini';
import { runCancelled } from '../../core/cancelled.ts';
import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';
import type { ClientOptions } from '../http/client-options.ts';
import { NoAnswer, noAnswer } from '../http/no-answer.ts';
import { patiently, retryAfterOf } from '../http/patiently.ts';
import { explainLinode, isBusy, LinodeRefusal } from './failure.ts';

export const linodeApi = 'https://api.linode.com/v4';

export interface LinodeClientOptions extends ClientOptions {
  readonly token: string;
  /** What `LINODE_API_URL` says; default Linode's own. */
  readonly apiUrl?: string | undefined;
}

export type LinodeMethod = 'GET' | 'POST' | 'PUT' | 'DELETE';

export interface LinodeRequest {
  readonly query?: Readonly<Record<string, string | number>>;
  /** What a list is to hold: `{ label: 'x' }`. Sent as `X-Filter`. */
  readonly filter?: Readonly<Record<string, unknown>>;
  /** Sent as JSON. */
  readonly body?: unknown;
}

export interface LinodeClient {
  /**
   * One request and its answer. A POST is tried again only where it certainly was not carried out; after any other
   * fault of one its fate is not known, and `isAmbiguous` says so.
   *
   * @throws LaunchError API_AUTH, TIMEOUT or API_ERROR; `linodeStatusOf` and `linodeReasonsOf` tell more.
   */
  request(method: LinodeMethod, path: string, options?: LinodeRequest): Promise<unknown>;
  /** The items of a list, page by page. */
  list(path: string, filter?: LinodeRequest['filter']): AsyncGenerator<unknown, void, void>;
  /** The time at Linode, in milliseconds since 1970, as far as its answers tell; else this machine's. */
  now(): number;
}

/** The largest that the API gives. */
const pageSize = 500;

const refusal = z.object({
  errors: z.array(z.object({ field: z.nullish(z.string()), reason: z.string() })),
});
const page = z.object({ data: z.array(z.unknown()), page: z.number(), pages: z.number() });

/** @throws LaunchError API_AUTH when the token can't be one; CONFIG_INVALID for an address that is not safe */
export function linodeClient(options: LinodeClientOptions): LinodeClient {
  checkToken(options.token);
  const base = baseUrl(options.apiUrl ?? linodeApi);
  const { timeout = 30_000, retries = 4, longestWait = 60_000, firstWait = 500, signal } = options;
  let aheadMs = 0;

  const attempt = async (method: LinodeMethod, url: URL, request: LinodeRequest): Promise<unknown> => {
    const fetchNow = options.fetch ?? (await proxiedFetch()) ?? fetch;
    const limit = AbortSignal.timeout(timeout);
    const response = await fetchNow(url, {
      method,
      // The token goes to the base URL and to nowhere else.
      redirect: 'error',
      headers: {
        accept: 'application/json',
        'user-agent': 'launch',
        authorization: `Bearer ${options.token}`,
        ...(request.filter === undefined ? {} : { 'x-filter': asHeader(request.filter) }),
        ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
    });
    const date = Date.parse(response.headers.get('date') ?? '');
    // The header leaves the part of the second away; half of one is the best guess.
    if (!Number.isNaN(date)) aheadMs = date + 500 - Date.now();
    return readAnswer(response, await response.text());
  };

  const send = async (method: LinodeMethod, path: string, request: LinodeRequest): Promise<unknown> => {
    const url = new URL(path.replace(/^\/+/, ''), base);
    for (const [key, value] of Object.entries(request.query ?? {})) url.searchParams.set(key, String(value));
    try {
      return await patiently(
        async () => {
          try {
            return await attempt(method, url, request);
          } catch (error) {
            throw error instanceof LinodeRefusal || error instanceof NoAnswer ? error : noAnswer(error);
          }
        },
        {
          retries,
          firstWait,
          longestWait,
          signal,
          isPassing: (error) => isPassing(error, method !== 'POST'),
          retryAfterOf: (error) => (error instanceof LinodeRefusal ? error.retryAfter : undefined),
        },
      );
    } catch (error) {
      if (signal?.aborted === true) throw cancellation(signal.reason, error);
      throw explainLinode(error, method, url);
    }
  };

  return {
    request: async (method, path, request = {}) => await send(method, path, request),
    async *list(path, filter) {
      for (let number = 1; ; number += 1) {
        const query = { page: number, page_size: pageSize };
        const read = readResult(
          page,
          await send('GET', path, { query, ...(filter === undefined ? {} : { filter }) }),
          path,
        );
        yield* read.data;
        if (number >= read.pages || read.data.length === 0) return;
      }
    },
    // A second's rounding is no difference between two clocks.
    now: () => Date.now() + (Math.abs(aheadMs) < 2000 ? 0 : aheadMs),
  };
}

/** An invalid header value would be quoted by the platform's own error, and this value is the token. */
function checkToken(token: string): void {
  if (/^[\x21-\x7e]+$/.test(token)) return;
  throw new LaunchError('API_AUTH', 'The Linode token is empty or holds blanks or line ends.', {
    remedy:
      'Give the personal access token alone: as the input `token`, or at a terminal as the variable LINODE_TOKEN.',
  });
}

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** The token must not go over the network in plain text. */
function baseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(`${text.replace(/\/+$/, '')}/`) : undefined;
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && loopback.test(url.hostname));
  if (url !== undefined && isSafe && url.username === '' && url.search === '') return url;
  throw new LaunchError('CONFIG_INVALID', `LINODE_API_URL is "${printable(text, 80)}".`, {
    remedy: `It takes an https:// address such as ${linodeApi}, without a user or a query; http:// only for this machine itself.`,
  });
}

/** A header takes no character beyond ASCII; JSON can do without. */
function asHeader(filter: NonNullable<LinodeRequest['filter']>): string {
  return JSON.stringify(filter).replace(
    /[^\x20-\x7e]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

async function proxiedFetch(): Promise<typeof fetch | undefined> {
  const { fetchThroughProxy } = await import('../github/proxied-fetch.ts');
  return await fetchThroughProxy();
}

function readAnswer(response: Response, text: string): unknown {
  const body = parseJson(text);
  if (response.ok) {
    if (body !== undefined) return body;
    throw new NoAnswer('unreadable', 'the answer is not in the form of the API', text);
  }
  const read = refusal.safeParse(body);
  const reasons = read.success
    ? read.data.errors.map(({ field, reason }) => ({ reason, ...(field == null ? {} : { field }) }))
    : [];
  throw new LinodeRefusal(response.status, reasons, printable(text, 120), {
    retryAfter: retryAfterOf(response.headers),
    isMaintenance: response.headers.has('x-maintenance-mode'),
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Worth another try: Linode is busy, or the fate of a request is not known that may be carried out twice. */
function isPassing(error: unknown, repeatable: boolean): boolean {
  if (isBusy(error)) return true;
  if (!repeatable) return false;
  if (error instanceof NoAnswer) return error.kind !== 'unreadable';
  if (!(error instanceof LinodeRefusal) || error.isMaintenance) return false;
  return error.status >= 500 || error.status === 408;
}

function cancellation(reason: unknown, cause: unknown): LaunchError {
  if (reason instanceof LaunchError) return reason;
  if (typeof reason === 'object' && reason !== null && Reflect.get(reason, 'name') === 'TimeoutError') {
    return new LaunchError('TIMEOUT', 'The time for talking to Linode ran out.', {
      remedy: 'Check the network and https://status.linode.com, or give it more time.',
      cause,
    });
  }
  return runCancelled(cause);
}

/** @throws LaunchError API_ERROR for an answer that is not what the API promises */
export function readResult<Schema extends z.ZodMiniType>(
  schema: Schema,
  value: unknown,
  path: string,
): z.output<Schema> {
  const parsed = z.safeParse(schema, value);
  if (parsed.success) return parsed.data;
  throw new LaunchError('API_ERROR', `Linode's answer to ${printable(path)} can't be understood.`, {
    remedy: 'Check LINODE_API_URL; if it is right, the API has changed and Launch needs an update.',
    cause: parsed.error,
  });
}
