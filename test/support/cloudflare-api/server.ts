// A stand-in for Cloudflare's API: a real HTTP server on the loopback interface that keeps workers, databases,
// buckets and namespaces, refuses what Cloudflare would refuse, and keeps what it was sent. What is not known of
// the real API for sure is marked (unverified).
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type FoundRoute, findRoute } from '../http-routes.ts';
import { type Account, accountRoutes } from './accounts.ts';
import { type D1State, d1Routes, d1State, d1UploadRoutes } from './d1.ts';
import { type DnsState, dnsRoutes, dnsState } from './dns.ts';
import { type CloudflareAnswer, type CloudflareRequest, Malformed, Refused, refuse } from './envelope.ts';
import { answerOf, type Fault, type Faults, faults } from './faults.ts';
import { type KvState, kvRoutes, kvState } from './kv.ts';
import { type R2State, r2Routes, r2State } from './r2.ts';
import { check, checkContent, readBody, readRequest } from './requests.ts';
import { type Served, type ServedRequest, serving, type WorkerHandler } from './serving.ts';
import { type TunnelState, tunnelRoutes, tunnelState } from './tunnels.ts';
import { versionRoutes } from './versions.ts';
import { type Worker, workersState } from './worker-state.ts';
import { workerRoutes } from './workers.ts';

export interface FakeCloudflareOptions {
  readonly token?: string;
  readonly account?: Partial<Account>;
  /** 0 for any that is free. */
  readonly port?: number;
  /**
   * `loopback` (default): the API names `http://127.0.0.1:PORT/worker/NAME` as a worker's address, where it answers, and
   * none for previews.
   * `workers.dev`: the addresses that Cloudflare gives; nothing answers there.
   */
  readonly addresses?: 'loopback' | 'workers.dev';
  /** More routes, such as of another resource. */
  readonly routes?: Readonly<Record<string, Handler>>;
}

type Handler = (request: CloudflareRequest) => CloudflareAnswer | Promise<CloudflareAnswer>;

export interface FakeCloudflare {
  /** `http://127.0.0.1:PORT`. */
  readonly origin: string;
  /** For CLOUDFLARE_API_BASE_URL. */
  readonly url: string;
  readonly token: string;
  readonly accountId: string;
  readonly account: Account;
  /** What a child process needs to talk to this API and to nothing else. */
  readonly env: Readonly<Record<string, string>>;
  /** All that came to the API, in order; also what was refused. */
  readonly requests: readonly CloudflareRequest[];
  /** Requests that no client should send: no route, no envelope, a parameter that is no string… */
  readonly refused: readonly string[];
  readonly workers: ReadonlyMap<string, Worker>;
  readonly d1: D1State;
  readonly r2: R2State;
  readonly kv: KvState;
  readonly tunnels: TunnelState;
  readonly dns: DnsState;
  /** The requests that workers have answered. */
  readonly served: readonly Served[];
  /** `http://127.0.0.1:PORT/worker/NAME`. */
  workerUrl(name: string): string;
  /** What workers answer from now on; undefined leaves it to their modules' text. */
  handle(handler: WorkerHandler | undefined): void;
  readonly fail: Faults['fail'];
  readonly strike: Faults['strike'];
  close(): Promise<void>;
}

const prefix = '/client/v4';

export async function startFakeCloudflare(options: FakeCloudflareOptions = {}): Promise<FakeCloudflare> {
  // Its own: whoever looks for a leaked token on this machine must not find the one of another test.
  const token = options.token ?? `test-token-${randomBytes(15).toString('hex').slice(0, 29)}`;
  const account: Account = {
    id: '0123456789abcdef0123456789abcdef',
    name: "Octo's account",
    email: 'octo@example.com',
    userId: 'd'.repeat(32),
    subdomain: 'octo',
    ...options.account,
  };
  const workers = workersState(account);
  const [d1, r2, kv] = [d1State(), r2State(), kvState()];
  const [tunnels, dns] = [tunnelState(account.id), dnsState(account.id)];
  const requests: CloudflareRequest[] = [];
  const refused: string[] = [];
  const plannedFaults = faults();
  let handler: WorkerHandler | undefined;
  let origin = '';
  const edge = serving(workers, () => handler);
  const loopback = options.addresses !== 'workers.dev';
  const routes: Readonly<Record<string, Handler>> = {
    ...accountRoutes(account),
    ...d1Routes(d1, () => origin),
    ...d1UploadRoutes(d1),
    ...r2Routes(r2),
    ...kvRoutes(kv),
    ...tunnelRoutes(tunnels),
    ...dnsRoutes(dns),
    ...workerRoutes(
      { workers, d1, r2, kv },
      {
        url: (name) =>
          loopback ? `${origin}/worker/${name}` : `https://${name}.${account.subdomain}.workers.dev`,
        // Wrangler makes an address of it at which nothing here answers.
        previewSuffix: (name) => (loopback ? undefined : `-${name}.${account.subdomain}.workers.dev`),
      },
    ),
    ...versionRoutes({ workers, d1, r2, kv }),
    ...options.routes,
  };

  /** @returns the answer, or undefined when there shall be none. */
  const answerApi = async (
    incoming: IncomingMessage,
    url: URL,
    body: Buffer,
  ): Promise<CloudflareAnswer | 'hang' | 'cut'> => {
    const path = url.pathname.startsWith(prefix) ? url.pathname.slice(prefix.length) : url.pathname;
    const method = incoming.method ?? '';
    const found = findRoute(routes, method, path);
    const request = await readRequest(incoming, path, found?.params ?? {}, url, body);
    requests.push(request);
    const fault: Fault | undefined = plannedFaults.next(method, path);
    const carryOut = async (): Promise<CloudflareAnswer> => {
      try {
        return await carefully(request, found, url.pathname.startsWith(prefix), { token, account });
      } catch (error) {
        if (error instanceof Malformed) refused.push(`${method} ${path}: ${error.message}`);
        if (error instanceof Refused) return error.answer;
        refused.push(`${method} ${path}: ${String(error)}`);
        return refuse(500, 10013, String(error));
      }
    };
    if (fault === undefined) return await carryOut();
    if (fault.afterwards === true) await carryOut();
    if ('hang' in fault) return 'hang';
    return 'cut' in fault ? 'cut' : answerOf(fault);
  };

  const server = createServer((incoming, response) => {
    void readBody(incoming).then(
      async (body) => {
        const url = new URL(incoming.url ?? '/', origin);
        const served = serveWorker(edge, account, incoming, url, body);
        if (served !== undefined) {
          if (served.hang !== true) send(response, { status: 200, body: '', ...served });
          return;
        }
        const answer = await answerApi(incoming, url, body);
        if (answer === 'cut') incoming.socket.destroy();
        else if (answer !== 'hang') send(response, answer);
      },
      // The client has gone away in the middle of its request.
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve, fail) => {
    server.once('error', fail);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    url: `${origin}${prefix}`,
    token,
    accountId: account.id,
    account,
    env: {
      CLOUDFLARE_API_BASE_URL: `${origin}${prefix}`,
      CLOUDFLARE_API_TOKEN: token,
      CLOUDFLARE_ACCOUNT_ID: account.id,
      WRANGLER_SEND_METRICS: 'false',
      WRANGLER_HIDE_BANNER: 'true',
      WRANGLER_WRITE_LOGS: 'false',
    },
    requests,
    refused,
    workers: workers.workers,
    d1,
    r2,
    kv,
    tunnels,
    dns,
    served: edge.served,
    workerUrl: (name) => `${origin}/worker/${name}`,
    handle: (given) => {
      handler = given;
    },
    fail: plannedFaults.fail,
    strike: plannedFaults.strike,
    close: () =>
      new Promise((resolve) => {
        for (const { sqlite } of d1.databases.values()) sqlite.close();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Nothing is done for a request that is not as it should be. */
async function carefully(
  request: CloudflareRequest,
  found: FoundRoute<Handler> | undefined,
  isApi: boolean,
  known: { token: string; account: Account },
): Promise<CloudflareAnswer> {
  if (found?.open === true) return await found.handler(request);
  check(request, known);
  if (found === undefined || !isApi) throw new Malformed('No route for that URI', 7000);
  checkContent(request);
  return await found.handler(request);
}

function serveWorker(
  edge: ReturnType<typeof serving>,
  account: Account,
  incoming: IncomingMessage,
  url: URL,
  body: Buffer,
) {
  const request = (path: string): ServedRequest => ({
    method: incoming.method ?? '',
    path: `${path}${url.search}`,
    headers: incoming.headers,
    body: body.toString(),
  });
  const [, kind, name, rest] = /^\/(worker|preview)\/([^/]+)(\/.*)?$/.exec(url.pathname) ?? [];
  if (kind === 'worker' && name !== undefined) return edge.worker(name, request(rest ?? '/'));
  if (kind === 'preview' && name !== undefined) return edge.preview(name, request(rest ?? '/'));
  const host = incoming.headers.host ?? '';
  const ending = `.${account.subdomain}.workers.dev`;
  return host.endsWith(ending)
    ? edge.worker(host.slice(0, -ending.length), request(url.pathname))
    : undefined;
}

function send(response: ServerResponse, { status, headers = {}, body }: CloudflareAnswer): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}
