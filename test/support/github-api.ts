// A stand-in for GitHub's REST API: a real HTTP server on the loopback interface that
// refuses what GitHub would refuse, and keeps what it was sent.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** Who asks. */
  readonly token: string;
}

export interface ApiAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Never answers; the connection stays open until the server is closed. */
  readonly hang?: true;
  /** The connection ends in place of an answer. */
  readonly cut?: true;
}

/** Gives the answer to a request; anything that is not an answer is taken for the JSON body of a 200. */
export type Route = (request: ApiRequest, api: FakeGitHub) => ApiAnswer;

/** What comes between a request and its answer; `proceed` carries it out. */
export type Interceptor = (request: ApiRequest, proceed: () => ApiAnswer) => ApiAnswer | Promise<ApiAnswer>;

export interface FakeGitHub {
  /** For GITHUB_API_URL. */
  readonly url: string;
  readonly token: string;
  /** Everything that came, in order; also what was refused. */
  readonly requests: readonly ApiRequest[];
  /** Requests that GitHub would not have understood: no route, no API version, a wrong method. */
  readonly refused: readonly string[];
  /** `GET /repos/octo/shop/actions/runs`; a path part `*` stands for any one part. */
  on(route: string, answer: Route): void;
  /** In place of the one before; for faults, and for requests that meet. */
  intercept(interceptor: Interceptor): void;
  close(): Promise<void>;
}

/** `others` are tokens that are as good; what each may do is for the routes to say. */
export async function startFakeGitHub(
  token = 'test-token',
  others: readonly string[] = [],
): Promise<FakeGitHub> {
  const tokens = [token, ...others];
  let interceptor: Interceptor = (_request, proceed) => proceed();
  const routes = new Map<string, Route>();
  const requests: ApiRequest[] = [];
  const refused: string[] = [];
  const server = createServer((incoming, response) => {
    void readBody(incoming).then(async (body) => {
      const url = new URL(incoming.url ?? '/', 'http://localhost');
      const request: ApiRequest = {
        method: incoming.method ?? '',
        path: url.pathname,
        query: Object.fromEntries(url.searchParams),
        body,
        token: incoming.headers.authorization?.replace(/^Bearer /, '') ?? '',
      };
      requests.push(request);
      const proceed = () => check(incoming, request) ?? routeOf(request)?.(request, api) ?? unknown(request);
      answer(response, await interceptor(request, proceed));
    });
  });
  const check = (incoming: IncomingMessage, request: ApiRequest): ApiAnswer | undefined => {
    if (!tokens.includes(request.token)) {
      return { status: 401, body: { message: 'Bad credentials' } };
    }
    const { accept, 'x-github-api-version': version, 'user-agent': agent } = incoming.headers;
    if (accept === 'application/vnd.github+json' && version === '2022-11-28' && agent !== undefined) {
      return undefined;
    }
    refused.push(`${request.method} ${request.path}: not the headers that GitHub documents`);
    return { status: 400, body: { message: 'Bad request' } };
  };
  const routeOf = (request: ApiRequest): Route | undefined => {
    const wanted = `${request.method} ${request.path}`.split('/');
    for (const [pattern, route] of routes) {
      const parts = pattern.split('/');
      if (parts.length === wanted.length && parts.every((part, at) => part === '*' || part === wanted[at])) {
        return route;
      }
    }
    return undefined;
  };
  const unknown = (request: ApiRequest): ApiAnswer => {
    refused.push(`${request.method} ${request.path}: no such route`);
    return { status: 404, body: { message: 'Not Found' } };
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const api: FakeGitHub = {
    url: `http://127.0.0.1:${port}`,
    token,
    requests,
    refused,
    on: (route, handler) => void routes.set(route, handler),
    intercept: (given) => {
      interceptor = given;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return api;
}

/** A route that gives a list in pages, with GitHub's `link` header. */
export function paged(items: readonly unknown[], key?: string): Route {
  return ({ path, query }, api) => {
    const size = Math.min(100, Number(query['per_page'] ?? 30));
    const page = Number(query['page'] ?? 1);
    const slice = items.slice((page - 1) * size, page * size);
    const next = new URL(path, api.url);
    for (const [name, value] of Object.entries({ ...query, page: String(page + 1) }))
      next.searchParams.set(name, value);
    const more = page * size < items.length;
    return {
      body: key === undefined ? slice : { total_count: items.length, [key]: slice },
      ...(more ? { headers: { link: `<${next.href}>; rel="next"` } } : {}),
    };
  };
}

/** The first `times` requests get one answer, the others another. */
export function first(times: number, answer: ApiAnswer, then: Route): Route {
  let asked = 0;
  return (request, api) => {
    asked += 1;
    return asked <= times ? answer : then(request, api);
  };
}

function answer(response: ServerResponse, { status = 200, headers = {}, body, hang, cut }: ApiAnswer): void {
  if (hang === true) return;
  if (cut === true) return void response.destroy();
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(body === undefined ? '' : JSON.stringify(body));
}

async function readBody(incoming: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
  const text = Buffer.concat(chunks).toString();
  return text === '' ? undefined : JSON.parse(text);
}
