import { Agent, request as httpRequest, type RequestOptions } from 'node:http';
import * as z from 'zod/mini';
import type { EdgeProxy } from '../../core/deploy/edge.ts';
import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';
import { assertPortFree } from './caddy-ports.ts';
import {
  type CaddyRoute,
  caddyRoutes,
  hasRoute,
  newServer,
  type PortSettings,
  type ServerName,
  servedRoutes,
  serverFor,
  servers,
  withoutRoute,
  withRoute,
} from './caddy-routes.ts';

export interface CaddySettings {
  /** `host:port` or `unix/<path>`. */
  readonly admin: string;
  readonly ports: PortSettings;
  readonly tls: 'auto' | 'off';
  /** Awaited before each call of the admin API; everything but GET changes something. */
  readonly beforeCall?: ((method: string, path: string) => Promise<void>) | undefined;
}

/** Of one change; each finds that somebody else was quicker. */
const attempts = 20;

interface Answer {
  readonly status: number;
  readonly body: string;
  /** Of what was read: a change that names it is refused when somebody else was quicker. */
  readonly etag: string | undefined;
}

const bothServers: readonly ServerName[] = [servers.plain, servers.tls];
const upstreamCounts = z.array(z.looseObject({ address: z.string(), num_requests: z.number() }));

/**
 * Caddy by its admin API. It checks a whole new configuration before it goes over to it, keeps its listeners
 * open, and lets requests that are under way end in the old one.
 */
export function caddyProxy({ admin, ports, tls, beforeCall }: CaddySettings): EdgeProxy {
  const agent = new Agent({ keepAlive: false });
  const call = async (method: string, path: string, body?: unknown, etag?: string) => {
    await beforeCall?.(method, path);
    return await send(agent, admin, { method, path, body, etag });
  };

  const readRoutes = async (server: ServerName) => {
    const answer = await call('GET', `${serverPath(server)}/routes`);
    // Of a server that is not there Caddy says null, or that there is no such path.
    const found = isFine(answer) ? z.safeParse(caddyRoutes, jsonOf(answer.body)) : undefined;
    return { routes: found?.success === true ? found.data : undefined, etag: answer.etag };
  };

  /** Reads, changes and writes the routes; somebody else's change in between makes it start over. */
  const change = async (server: ServerName, edit: (routes: CaddyRoute[]) => CaddyRoute[]) => {
    for (let attempt = 1; ; attempt += 1) {
      const { routes, etag } = await readRoutes(server);
      if (routes === undefined && attempt < attempts) {
        await makeServer(server);
        continue;
      }
      const wanted = edit(routes ?? []);
      if (JSON.stringify(wanted) === JSON.stringify(routes ?? [])) return;
      const answer = await call('PATCH', `${serverPath(server)}/routes`, wanted, etag);
      if (isFine(answer)) return;
      if (answer.status !== 412 || attempt === attempts) throw refused(answer);
    }
  };

  const hasServer = async (server: ServerName) => {
    const there = await call('GET', serverPath(server));
    return isFine(there) && typeof jsonOf(there.body) === 'object' && jsonOf(there.body) !== null;
  };

  const makeServer = async (server: ServerName) => {
    const http = await call('GET', '/config/apps/http');
    if (!isFine(http) || jsonOf(http.body) === null) {
      const made = await call('PUT', '/config/apps/http', { http_port: ports.http, https_port: ports.https });
      if (!isFine(made) && !isThere(made)) throw refused(made);
    }
    const isServer = await hasServer(server);
    if (!isServer) await assertPortFree(server, ports, jsonOf(http.body));
    const answer = isServer
      ? await call('PUT', `${serverPath(server)}/routes`, [])
      : await call('PUT', serverPath(server), newServer(server, ports));
    // Two deployments may both find that it is missing.
    if (!isFine(answer) && !isThere(answer)) throw refused(answer);
  };

  return {
    async assertReady() {
      const answer = await call('GET', '/config/');
      if (!isFine(answer)) throw refused(answer);
    },
    async assertServable({ host }) {
      const server = serverFor(host, tls);
      if (await hasServer(server)) return;
      await assertPortFree(server, ports, jsonOf((await call('GET', '/config/apps/http')).body));
    },
    async routes() {
      const all = await Promise.all(bothServers.map(readRoutes));
      return all.flatMap(({ routes }) => servedRoutes(routes ?? []));
    },
    async serve(route, upstreams, leaving) {
      const server = serverFor(route.host, tls);
      await change(server, (routes) => withRoute(routes, { ...route, upstreams, leaving }));
      // A host that has moved from one to the other is served by one of them only.
      const other = server === servers.plain ? servers.tls : servers.plain;
      const { routes } = await readRoutes(other);
      if (routes !== undefined && hasRoute(routes, route.id)) {
        await change(other, (found) => withoutRoute(found, route.id));
      }
    },
    async inFlight(upstream) {
      const answer = await call('GET', '/reverse_proxy/upstreams');
      if (!isFine(answer)) throw refused(answer);
      const counts = z.safeParse(upstreamCounts, jsonOf(answer.body) ?? []);
      if (!counts.success) throw refused({ ...answer, body: 'it does not say what is under way' });
      return counts.data.find((it) => it.address === upstream)?.num_requests ?? 0;
    },
    async remove(id) {
      for (const server of bothServers) {
        const { routes } = await readRoutes(server);
        if (routes !== undefined && hasRoute(routes, id)) {
          await change(server, (found) => withoutRoute(found, id));
        }
      }
    },
    async clear() {
      for (const server of bothServers) {
        if (!(await hasServer(server))) continue;
        const answer = await call('DELETE', serverPath(server));
        // Somebody else was quicker.
        if (!isFine(answer) && answer.status !== 404) throw refused(answer);
      }
    },
    close: () => agent.destroy(),
  };
}

function serverPath(server: ServerName): string {
  return `/config/apps/http/servers/${server}`;
}

function isFine({ status }: Answer): boolean {
  return status >= 200 && status < 300;
}

function isThere({ status, body }: Answer): boolean {
  return status === 409 || body.includes('already exists');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

interface AdminRequest {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly etag: string | undefined;
}

/** @throws LaunchError ENGINE_UNAVAILABLE */
async function send(
  agent: Agent,
  admin: string,
  { method, path, body, etag }: AdminRequest,
): Promise<Answer> {
  const socket = /^unix\/\/?(\/.*)$/.exec(admin)?.[1];
  const text = body === undefined ? undefined : JSON.stringify(body);
  const where: RequestOptions = socket === undefined ? tcpAddress(admin) : { socketPath: socket };
  const headers = {
    Host: socket === undefined ? admin : 'localhost',
    ...(text === undefined
      ? {}
      : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }),
    ...(etag === undefined ? {} : { 'If-Match': etag }),
  };
  // Caddy opens its admin endpoint anew at each change of the configuration: a connection may be refused then.
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await new Promise<Answer>((resolve, reject) => {
        const sent = httpRequest({ ...where, agent, method, path, headers, timeout: 30_000 }, (answer) => {
          const parts: Buffer[] = [];
          answer.on('data', (part: Buffer) => parts.push(part));
          answer.on('error', reject);
          answer.on('end', () =>
            resolve({
              status: answer.statusCode ?? 0,
              body: Buffer.concat(parts).toString(),
              etag: answer.headers.etag ?? answer.trailers['etag'],
            }),
          );
        });
        sent.on('timeout', () => sent.destroy(new Error('no answer in time')));
        sent.on('error', reject);
        sent.end(text);
      });
    } catch (cause) {
      if (attempt < 10 && isMomentary(cause)) {
        await new Promise((resolve) => setTimeout(resolve, 20 * attempt));
        continue;
      }
      const why = printable(cause instanceof Error ? cause.message : String(cause), 200);
      throw new LaunchError(
        'ENGINE_UNAVAILABLE',
        `The edge proxy does not answer at ${printable(admin, 120)}: ${why}.`,
        {
          remedy:
            'Start it (`launch edge up`), or correct `admin` in edge.json of the state folder (`launch edge status` shows it).',
          cause,
        },
      );
    }
  }
}

/** A change that was cut off may have been made: it names what it changes, so that making it again does no harm. */
function isMomentary(cause: unknown): boolean {
  const code = cause instanceof Error && 'code' in cause ? cause.code : '';
  return code === 'ECONNREFUSED' || code === 'ECONNRESET' || code === 'EPIPE';
}

function tcpAddress(admin: string): RequestOptions {
  const cut = admin.lastIndexOf(':');
  return { host: admin.slice(0, cut).replace(/^\[|\]$/g, ''), port: Number(admin.slice(cut + 1)) };
}

function refused({ status, body }: Answer): LaunchError {
  const said = jsonOf(body);
  const error = typeof said === 'object' && said !== null && 'error' in said ? String(said.error) : body;
  return new LaunchError(
    'DEPLOY_FAILED',
    `The edge proxy refuses the change (status ${status}): ${printable(error, 300)}.`,
    { remedy: 'What it served before, it still serves. Mend what it names, then deploy again.' },
  );
}
