import { setTimeout as wait } from 'node:timers/promises';
import pRetry from 'p-retry';
import { printable } from '../../core/names.ts';
import { NoAnswer, noAnswer } from '../http/no-answer.ts';
import { explain, Refusal } from './failure.ts';
import { fetchThroughProxy } from './proxied-fetch.ts';

export interface GitHubClientOptions {
  /** Absent for what anybody may read. */
  readonly token?: string;
  /** `https://api.github.com`, or what `GITHUB_API_URL` says. */
  readonly apiUrl: string;
  /** For tests and proxies; default the platform's own. */
  readonly fetch?: typeof fetch;
  /** For one attempt, in milliseconds; default 10 s. */
  readonly timeout?: number;
  /** How often a request is tried again after a passing fault; default 3. */
  readonly retries?: number;
  /** The longest wait that GitHub may ask for before a request is tried again, in milliseconds; default 30 s. */
  readonly longestWait?: number;
}

export type Query = Readonly<Record<string, string | number | boolean>>;

export interface GitHubRequest {
  readonly query?: Query;
  readonly body?: unknown;
  /** Ends the request, its retries and their waits. */
  readonly signal?: AbortSignal;
}

export interface GitHubClient {
  /**
   * One request and its JSON answer (undefined when there is none).
   *
   * @throws LaunchError API_AUTH (401, 403), TIMEOUT, or API_ERROR; `statusOf` tells the HTTP status.
   */
  request(
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    options?: GitHubRequest,
  ): Promise<unknown>;
  /** Each page of a list, fetched when it is asked for. */
  pages(path: string, options?: Omit<GitHubRequest, 'body'>): AsyncGenerator<unknown, void, void>;
}

export function githubClient(options: GitHubClientOptions): GitHubClient {
  const base = new URL(options.apiUrl.endsWith('/') ? options.apiUrl : `${options.apiUrl}/`);
  // GitHub asks for waits of up to an hour; a job does not sit that out.
  const { timeout = 10_000, retries = 3, longestWait = 30_000 } = options;

  const attempt = async (method: string, url: URL, request: GitHubRequest): Promise<Response> => {
    const signals = [AbortSignal.timeout(timeout), ...(request.signal === undefined ? [] : [request.signal])];
    const fetchNow = options.fetch ?? (await fetchThroughProxy()) ?? fetch;
    const response = await fetchNow(url, {
      method,
      headers: {
        accept: 'application/vnd.github+json',
        'user-agent': 'launch',
        'x-github-api-version': '2022-11-28',
        ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
        ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      signal: AbortSignal.any(signals),
    });
    if (response.ok) return response;
    const said = await messageOf(response);
    throw new Refusal(response.status, said, retryAfterOf(response, said));
  };

  const send = async (
    method: string,
    url: URL,
    request: GitHubRequest,
  ): Promise<{ body: unknown; response: Response }> => {
    try {
      return await pRetry(
        async () => {
          try {
            const response = await attempt(method, url, request);
            const text = await response.text();
            return { response, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
          } catch (error) {
            throw error instanceof Refusal ? error : noAnswer(error);
          }
        },
        {
          retries,
          minTimeout: 300,
          ...(request.signal === undefined ? {} : { signal: request.signal }),
          shouldRetry: ({ error }) =>
            isPassing(error, method, longestWait) && request.signal?.aborted !== true,
          onFailedAttempt: async ({ error, retriesLeft }) => {
            const asked = error instanceof Refusal && retriesLeft > 0 ? (error.retryAfter ?? 0) : 0;
            if (asked > 0 && asked <= longestWait) {
              await wait(asked, undefined, request.signal === undefined ? {} : { signal: request.signal });
            }
          },
        },
      );
    } catch (error) {
      throw explain(error, method, url);
    }
  };

  const urlOf = (path: string, query: Query = {}): URL => {
    const url = new URL(path.replace(/^\/+/, ''), base);
    for (const [key, value] of Object.entries(query)) url.searchParams.set(key, String(value));
    return url;
  };

  return {
    async request(method, path, request = {}) {
      return (await send(method, urlOf(path, request.query), request)).body;
    },
    async *pages(path, request = {}) {
      let url: URL | undefined = urlOf(path, request.query);
      while (url !== undefined) {
        const { body, response } = await send('GET', url, request);
        yield body;
        url = nextPage(response, base);
      }
    },
  };
}

/** Only where the token may go: a link to another origin is not followed. */
function nextPage(response: Response, base: URL): URL | undefined {
  const target = /<([^>]+)>;\s*rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
  if (target === undefined) return undefined;
  const url = new URL(target, base);
  return url.origin === base.origin ? url : undefined;
}

/** Worth another try: GitHub is busy, or no answer came to a request that changes nothing. */
function isPassing(error: unknown, method: string, longestWait: number): boolean {
  if (error instanceof NoAnswer) return method === 'GET' && error.kind !== 'unreadable';
  if (!(error instanceof Refusal)) return false;
  const { status, retryAfter } = error;
  if (retryAfter !== undefined && retryAfter > longestWait) return false;
  if (status === 429 || (status === 403 && retryAfter !== undefined)) return true;
  return status >= 500 && method === 'GET';
}

/** Of a secondary limit GitHub may say nothing but that it is one; then it wants to be left alone for a minute. */
const secondaryMs = 60_000;

function retryAfterOf(response: Response, said: string): number | undefined {
  const after = Number(response.headers.get('retry-after') ?? Number.NaN);
  if (after >= 0) return after * 1000;
  if (response.headers.get('x-ratelimit-remaining') !== '0') {
    const isLimit = [403, 429].includes(response.status) && /secondary rate limit/i.test(said);
    return isLimit ? secondaryMs : undefined;
  }
  const reset = Number(response.headers.get('x-ratelimit-reset') ?? Number.NaN);
  return Number.isFinite(reset) ? Math.max(0, reset * 1000 - Date.now()) : undefined;
}

async function messageOf(response: Response): Promise<string> {
  const text = await response.text().catch(() => '');
  try {
    const body: unknown = JSON.parse(text);
    const said = [fieldOf(body, 'message'), fieldOf(fieldOf(fieldOf(body, 'errors'), '0'), 'message')];
    return printable(said.filter((it) => typeof it === 'string').join(': '));
  } catch {
    return printable(text, 120);
  }
}

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}
