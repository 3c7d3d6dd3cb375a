import * as z from 'zod/mini';
import { runCancelled } from '../../core/cancelled.ts';
import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';
import type { ClientOptions } from '../http/client-options.ts';
import { NoAnswer, noAnswer } from '../http/no-answer.ts';
import { patiently, retryAfterOf } from '../http/patiently.ts';
import { apiPath } from './api-path.ts';
import { CloudflareRefusal, explainCloudflare } from './failure.ts';

export const cloudflareApi = 'https://api.cloudflare.com/client/v4';

export interface CloudflareClientOptions extends ClientOptions {
  readonly token: string;
  readonly accountId: string;
  /** What `CLOUDFLARE_API_BASE_URL` says; default Cloudflare's own. */
  readonly apiUrl?: string | undefined;
}

export type CloudflareMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface CloudflareRequest {
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Whether to be carried out twice does no harm; default all but POST and PATCH. Only such a request is tried again
   * when its fate is not known. */
  readonly repeatable?: boolean;
  /** For one attempt, in milliseconds; default the client's. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

export interface CloudflareClient {
  readonly accountId: string;
  /** `/accounts/<id>`, which most paths begin with. */
  readonly account: string;
  /**
   * One request and the `result` of its answer. Foreign names in the path go through `apiPath`.
   *
   * @throws LaunchError API_AUTH, TIMEOUT or API_ERROR; `cloudflareCodeOf` and `cloudflareStatusOf` tell more.
   */
  request(method: CloudflareMethod, path: string, options?: CloudflareRequest): Promise<unknown>;
  /** The items of a list that is given in numbered pages. */
  list(
    path: string,
    options?: { readonly query?: CloudflareRequest['query']; readonly pageSize?: number },
  ): AsyncGenerator<unknown, void, void>;
  /** The items of a list that goes on by a cursor; `key` names the list where the result is an object. */
  listByCursor(
    path: string,
    options?: { readonly key?: string; readonly pageSize?: number },
  ): AsyncGenerator<unknown, void, void>;
}

const envelope = z.object({
  success: z.boolean(),
  errors: z.nullish(z.array(z.object({ code: z.optional(z.number()), message: z.optional(z.string()) }))),
  result: z.optional(z.unknown()),
  result_info: z.nullish(
    z.object({
      total_count: z.optional(z.number()),
      cursor: z.nullish(z.string()),
    }),
  ),
});
type Envelope = z.infer<typeof envelope>;

/** @throws LaunchError API_AUTH when the token or the account id can't be one. */
export function cloudflareClient(options: CloudflareClientOptions): CloudflareClient {
  checkCredentials(options);
  const base = new URL(`${(options.apiUrl ?? cloudflareApi).replace(/\/+$/, '')}/`);
  const { timeout = 30_000, retries = 3, longestWait = 60_000, firstWait = 300 } = options;

  const attempt = async (method: string, url: URL, request: CloudflareRequest, signal: AbortSignal) => {
    const fetchNow = options.fetch ?? (await proxiedFetch()) ?? fetch;
    const response = await fetchNow(url, {
      method,
      // The token goes to the base URL and to nowhere else.
      redirect: 'error',
      headers: {
        accept: 'application/json',
        'user-agent': 'launch',
        authorization: `Bearer ${options.token}`,
        ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      signal,
    });
    return readAnswer(response, await response.text());
  };

  const send = async (
    method: CloudflareMethod,
    path: string,
    request: CloudflareRequest,
  ): Promise<Envelope> => {
    const url = new URL(path.replace(/^\/+/, ''), base);
    for (const [key, value] of Object.entries(request.query ?? {})) url.searchParams.set(key, String(value));
    const cancel = [options.signal, request.signal].filter((signal) => signal !== undefined);
    const cancelled = () => cancel.some(({ aborted }) => aborted);
    const repeatable = request.repeatable ?? (method !== 'POST' && method !== 'PATCH');
    const ended = cancel.length === 0 ? undefined : AbortSignal.any(cancel);
    try {
      return await patiently(
        async () => {
          try {
            const limit = AbortSignal.timeout(request.timeout ?? timeout);
            return await attempt(method, url, request, AbortSignal.any([limit, ...cancel]));
          } catch (error) {
            throw error instanceof CloudflareRefusal || error instanceof NoAnswer ? error : noAnswer(error);
          }
        },
        {
          retries,
          firstWait,
          longestWait,
          signal: ended,
          isPassing: (error) => isPassing(error, repeatable),
          retryAfterOf: (error) => (error instanceof CloudflareRefusal ? error.retryAfter : undefined),
        },
      );
    } catch (error) {
      if (cancelled()) throw cancellation(ended?.reason, error);
      throw explainCloudflare(error, method, url);
    }
  };

  return {
    accountId: options.accountId,
    account: apiPath`/accounts/${options.accountId}`,
    async request(method, path, request = {}) {
      return (await send(method, path, request)).result;
    },
    async *list(path, { query = {}, pageSize = 100 } = {}) {
      for (let page = 1, seen = 0; ; page += 1) {
        const answer = await send('GET', path, { query: { ...query, page, per_page: pageSize } });
        const items = itemsOf(answer.result, undefined, path);
        yield* items;
        seen += items.length;
        if (items.length === 0 || seen >= (answer.result_info?.total_count ?? Number.POSITIVE_INFINITY))
          return;
      }
    },
    async *listByCursor(path, { key, pageSize = 100 } = {}) {
      for (let cursor: string | undefined, asked = new Set<string>(); ; ) {
        const query = { per_page: pageSize, ...(cursor === undefined ? {} : { cursor }) };
        const answer = await send('GET', path, { query });
        yield* itemsOf(answer.result, key, path);
        cursor = answer.result_info?.cursor ?? '';
        // A cursor that comes twice would go on for ever.
        if (cursor === '' || asked.has(cursor)) return;
        asked.add(cursor);
      }
    },
  };
}

/** An invalid header value would be quoted by the platform's own error, and this value is the token. */
function checkCredentials({ token, accountId }: CloudflareClientOptions): void {
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new LaunchError('API_AUTH', 'The Cloudflare API token is empty or holds blanks or line ends.', {
      remedy: 'Set CLOUDFLARE_API_TOKEN to the token alone.',
    });
  }
  if (!/^[0-9a-f]{32}$/.test(accountId)) {
    throw new LaunchError('API_AUTH', `"${printable(accountId, 40)}" is no Cloudflare account id.`, {
      remedy: 'Set CLOUDFLARE_ACCOUNT_ID to the 32 hexadecimal digits that the dashboard shows.',
    });
  }
}

async function proxiedFetch(): Promise<typeof fetch | undefined> {
  const { fetchThroughProxy } = await import('../github/proxied-fetch.ts');
  return await fetchThroughProxy();
}

function readAnswer(response: Response, text: string): Envelope {
  const read = envelope.safeParse(parseJson(text));
  if (response.ok && read.success && read.data.success) return read.data;
  const retryAfter = retryAfterOf(response.headers);
  if (!read.success) {
    if (response.ok) throw new NoAnswer('unreadable', 'the answer is not in the form of the API', text);
    throw new CloudflareRefusal(response.status, undefined, printable(text, 120), retryAfter);
  }
  const errors = read.data.errors ?? [];
  const message = errors
    .map((error) => error.message ?? '')
    .filter((said) => said !== '')
    .join('; ');
  throw new CloudflareRefusal(response.status, errors[0]?.code, message, retryAfter);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Worth another try: Cloudflare is busy, or the fate of a request is not known that may be carried out twice. */
function isPassing(error: unknown, repeatable: boolean): boolean {
  if (error instanceof NoAnswer) return repeatable && error.kind !== 'unreadable';
  if (!(error instanceof CloudflareRefusal)) return false;
  return error.status === 429 || (error.status >= 500 && repeatable);
}

function cancellation(reason: unknown, cause: unknown): LaunchError {
  if (reason instanceof LaunchError) return reason;
  if (typeof reason === 'object' && reason !== null && Reflect.get(reason, 'name') === 'TimeoutError') {
    return new LaunchError('TIMEOUT', 'The time for talking to Cloudflare ran out.', {
      remedy: 'Check the network and https://www.cloudflarestatus.com, or give it more time.',
      cause,
    });
  }
  return runCancelled(cause);
}

function itemsOf(result: unknown, key: string | undefined, path: string): readonly unknown[] {
  const list: unknown =
    key === undefined || typeof result !== 'object' || result === null ? result : Reflect.get(result, key);
  if (Array.isArray(list)) return list;
  throw unreadable(path);
}

/** What a resource says of an answer that is not in the form that is documented. */
export function unreadable(path: string, cause?: unknown): LaunchError {
  return new LaunchError('API_ERROR', `Cloudflare's answer to ${printable(path)} can't be understood.`, {
    remedy: 'Check CLOUDFLARE_API_BASE_URL; if it is right, the API has changed and Launch needs an update.',
    cause,
  });
}
