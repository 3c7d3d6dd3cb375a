// A stand-in for Linode's API: a real HTTP server on the loopback interface that keeps instances, firewalls,
// StackScripts and events, refuses what Linode would refuse, and keeps what it was sent.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Fault, type Faults, faults } from '../cloudflare-api/faults.ts';
import { readBody } from '../cloudflare-api/requests.ts';
import { findRoute } from '../http-routes.ts';
import { type AccountState, accountRoutes, accountState } from './account.ts';
import {
  type LinodeAnswer,
  type LinodeRequest,
  Malformed,
  Refused,
  type Routes,
  refuse,
} from './envelope.ts';
import { type FirewallsState, firewallRoutes, firewallsState } from './firewalls.ts';
import { type InstanceOptions, type InstancesState, instanceRoutes, instancesState } from './instances.ts';
import { type OffersState, offerRoutes, offersState } from './offers.ts';
import { sandboxes } from './sandbox.ts';
import { type StackScriptsState, stackScriptRoutes, stackScriptsState } from './stackscripts.ts';

export interface FakeLinodeOptions extends InstanceOptions {
  readonly token?: string | undefined;
  /** 0 for any that is free. */
  readonly port?: number;
  /** Whether running instances serve what a sandbox serves, on ports 3000 and 8000 of their address. */
  readonly serves?: boolean;
  /** How long an answer takes after its request has been carried out, in milliseconds. */
  readonly latencyMs?: () => number;
  /** More routes, such as those by which a process is led. */
  readonly routes?: Routes;
}

export interface FakeLinode {
  /** `http://127.0.0.1:PORT`. */
  readonly origin: string;
  /** For LINODE_API_URL. */
  readonly url: string;
  /** Answers the caller's address, as the services for that do: `203.0.113.7`. */
  readonly addressUrl: string;
  readonly token: string;
  /** What a child process needs to talk to this API and to nothing else. */
  readonly env: Readonly<Record<string, string>>;
  /** All that came to the API, in order; also what was refused. */
  readonly requests: readonly LinodeRequest[];
  /** Requests that no client should send: no route, an unknown field, a list that can't be filtered so… */
  readonly refused: readonly string[];
  readonly account: AccountState;
  readonly offers: OffersState;
  readonly firewalls: FirewallsState;
  readonly stackscripts: StackScriptsState;
  readonly instances: InstancesState;
  readonly fail: Faults['fail'];
  readonly strike: Faults['strike'];
  /** Instances that are there and not being deleted. */
  live(): { readonly id: number; readonly label: string; readonly tags: readonly string[] }[];
  close(): Promise<void>;
}

/** What the stand-in answers to the question for the caller's address. */
export const callerAddress = '203.0.113.7';

const prefix = '/v4';

export async function startFakeLinode(options: FakeLinodeOptions = {}): Promise<FakeLinode> {
  const token = options.token ?? 'linode-token-0123456789abcdef';
  const account = accountState();
  const [offers, firewalls] = [offersState(), firewallsState()];
  const stackscripts = stackScriptsState(() => account.profile.username);
  const around = { account, offers, firewalls, stackscripts };
  const instances = instancesState(around, options);
  const served = sandboxes(instances);
  const settle = () => {
    instances.settle();
    if (options.serves === true) served.follow();
  };
  const ticking = options.serves === true ? setInterval(settle, 50) : undefined;
  const requests: LinodeRequest[] = [];
  const refused: string[] = [];
  const planned = faults();
  const routes: Routes = {
    ...accountRoutes(account, settle),
    ...offerRoutes(offers),
    ...stackScriptRoutes(stackscripts),
    ...firewallRoutes(firewalls, () => instances.instances),
    ...instanceRoutes(instances, around),
    ...options.routes,
  };

  const answer = (incoming: IncomingMessage, url: URL, text: string): LinodeAnswer | 'hang' | 'cut' => {
    const isApi = url.pathname.startsWith(`${prefix}/`);
    const path = isApi ? url.pathname.slice(prefix.length) : url.pathname;
    const method = incoming.method ?? '';
    const found = findRoute(routes, method, path);
    const request: LinodeRequest = {
      ...{ method, path, params: found?.params ?? {}, headers: incoming.headers, text },
      query: Object.fromEntries(url.searchParams),
      body: parseJson(text),
    };
    requests.push(request);
    const carryOut = (): LinodeAnswer => {
      try {
        if (found === undefined) throw new Malformed('Not found');
        if (!found.open) check(request, token, account);
        if (method !== 'GET') checkContent(request);
        return found.handler(request);
      } catch (error) {
        if (error instanceof Malformed) refused.push(`${method} ${path}: ${error.message}`);
        if (error instanceof Refused) return error.answer;
        refused.push(`${method} ${path}: ${String(error)}`);
        return refuse(500, String(error));
      }
    };
    const fault: Fault | undefined = planned.next(method, path);
    if (fault === undefined) return carryOut();
    if (fault.afterwards === true) carryOut();
    if ('hang' in fault) return 'hang';
    if ('cut' in fault) return 'cut';
    const usual = refuse(fault.status, 'An error was asked for');
    return {
      ...usual,
      ...(fault.headers === undefined ? {} : { headers: fault.headers }),
      ...(fault.body === undefined ? {} : { body: fault.body }),
    };
  };

  const server = createServer((incoming, response) => {
    void readBody(incoming).then(
      (body) => {
        const url = new URL(incoming.url ?? '/', 'http://127.0.0.1');
        if (url.pathname === '/address') return void response.end(`${callerAddress}\n`);
        const answered = answer(incoming, url, body.toString());
        if (answered === 'hang') return;
        const end = () => (answered === 'cut' ? incoming.socket.destroy() : send(response, answered));
        if (options.latencyMs === undefined) end();
        else setTimeout(end, options.latencyMs());
      },
      // The client has gone away in the middle of its request.
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve, fail) => {
    server.once('error', fail);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    token,
    requests,
    refused,
    account,
    offers,
    firewalls,
    stackscripts,
    instances,
    url: `${origin}${prefix}`,
    addressUrl: `${origin}/address`,
    env: {
      LINODE_API_URL: `${origin}${prefix}`,
      LINODE_TOKEN: token,
      LAUNCH_ADDRESS_URL: `${origin}/address`,
      LAUNCH_GPU_POLL: '20ms',
    },
    fail: planned.fail,
    strike: planned.strike,
    live: () => {
      instances.settle();
      return [...instances.instances.values()]
        .filter(({ deletedAt }) => deletedAt === undefined)
        .map(({ id, label, tags }) => ({ id, label, tags }));
    },
    close: () =>
      new Promise((resolve) => {
        clearInterval(ticking);
        served.close();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function check({ headers, path }: LinodeRequest, token: string, { closed }: AccountState): void {
  if (headers.authorization !== `Bearer ${token}`) throw new Refused(401, 'Invalid Token');
  if (closed.has(path)) throw new Refused(401, 'Your OAuth token is not authorized to use this endpoint.');
}

function checkContent({ text, body, headers, method, path }: LinodeRequest): void {
  if (text === '') return;
  if (body === undefined) throw new Malformed(`${method} ${path}: the body is no JSON`);
  if (!String(headers['content-type']).startsWith('application/json')) {
    throw new Malformed(`the body's content type is ${headers['content-type']}`);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function send(response: ServerResponse, { status, headers = {}, body }: LinodeAnswer): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}
