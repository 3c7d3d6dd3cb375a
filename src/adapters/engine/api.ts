import { Agent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest, Agent as TlsAgent } from 'node:https';
import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';
import { traceCall } from '../process/command-trace.ts';
import type { EngineEndpoint } from './endpoint.ts';

export interface EngineRequest {
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** In milliseconds, default 60 s. */
  readonly timeout?: number;
}

export interface EngineAnswer {
  readonly status: number;
  readonly body: Buffer;
}

export interface EngineStream {
  readonly status: number;
  /** Ends when the engine has no more to tell, and fails when the connection is cut. */
  readonly body: AsyncIterable<Buffer>;
}

/** Answers from the engine; a status that is no success is for the caller to judge. */
export interface EngineApi {
  call(method: 'GET' | 'POST' | 'DELETE', path: string, request?: EngineRequest): Promise<EngineAnswer>;
  /** An answer as it comes, for as long as that goes on; `signal` ends it. On a connection of its own. */
  stream(path: string, query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<EngineStream>;
  /** Whether the engine is on this machine. */
  readonly isLocal: boolean;
  close(): void;
}

/** Engine 20.10 speaks it, and every later one until 29 at least. */
const version = 'v1.41';

/**
 * The engine's own HTTP API. A `docker` command costs 30 to 60 ms and its output is for people; this costs one
 * or two and is exact.
 */
export function openEngine(endpoint: EngineEndpoint): EngineApi {
  const tls = endpoint.kind === 'tcp' ? endpoint.tls : undefined;
  const agent =
    tls === undefined ? new Agent({ keepAlive: true }) : new TlsAgent({ keepAlive: true, ...tls });
  const send = tls === undefined ? httpRequest : httpsRequest;
  const where: RequestOptions =
    endpoint.kind === 'unix' ? { socketPath: endpoint.path } : { host: endpoint.host, port: endpoint.port };
  return {
    isLocal: endpoint.kind === 'unix',
    close: () => agent.destroy(),
    async stream(path, query, signal) {
      traceCall('GET', path);
      const target = pathWith(path, query);
      try {
        return await new Promise<EngineStream>((resolve, reject) => {
          const headers = { Host: 'docker' };
          const sent = send({ ...where, ...tls, agent: false, path: target, headers, signal }, (answer) =>
            resolve({ status: answer.statusCode ?? 0, body: chunksOf(answer, endpoint) }),
          );
          sent.on('error', reject);
          sent.end();
        });
      } catch (cause) {
        throw unavailable(endpoint, cause);
      }
    },
    call: async (method, path, request = {}) => {
      traceCall(method, path);
      const body = request.body === undefined ? undefined : JSON.stringify(request.body);
      try {
        return await new Promise<EngineAnswer>((resolve, reject) => {
          const sent = send(
            {
              ...where,
              agent,
              method,
              path: pathWith(path, request.query),
              timeout: request.timeout ?? 60_000,
              headers: {
                Host: 'docker',
                ...(body === undefined
                  ? {}
                  : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }),
              },
            },
            (answer) => void collect(answer).then(resolve, reject),
          );
          sent.on('timeout', () => sent.destroy(new Error('no answer in time')));
          sent.on('error', reject);
          sent.end(body);
        });
      } catch (cause) {
        throw unavailable(endpoint, cause);
      }
    },
  };
}

async function* chunksOf(answer: IncomingMessage, endpoint: EngineEndpoint): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of answer) yield Buffer.from(chunk as Uint8Array);
  } catch (cause) {
    throw unavailable(endpoint, cause);
  }
}

function pathWith(path: string, query: Readonly<Record<string, string>> | undefined): string {
  const text = new URLSearchParams(query).toString();
  return `/${version}${path}${text === '' ? '' : `?${text}`}`;
}

async function collect(answer: IncomingMessage): Promise<EngineAnswer> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(Buffer.from(chunk as Uint8Array));
  return { status: answer.statusCode ?? 0, body: Buffer.concat(chunks) };
}

function unavailable(endpoint: EngineEndpoint, cause: unknown): LaunchError {
  const where = endpoint.kind === 'unix' ? endpoint.path : `${endpoint.host}:${endpoint.port}`;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const why =
    {
      ENOENT: 'there is no such socket',
      ECONNREFUSED: 'nothing listens there',
      EACCES: 'this user may not use it',
      EPERM: 'this user may not use it',
    }[code] ?? printable(cause instanceof Error ? cause.message : String(cause));
  return new LaunchError('ENGINE_UNAVAILABLE', `No Docker Engine answers at ${where}: ${why}.`, {
    remedy:
      code === 'EACCES' || code === 'EPERM'
        ? "Add the runner's user to the group docker, and start the runner again."
        : 'Start it (systemctl start docker), or set DOCKER_HOST to where it listens.',
    cause,
  });
}
