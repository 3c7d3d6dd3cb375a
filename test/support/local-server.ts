// HTTP, HTTPS and TCP servers on a free port of the loopback address, closed with everything that hangs on them.
import { createServer as createHttp, type RequestListener, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, createServer as createTcp, type Socket, type Server as TcpServer } from 'node:net';
import type { Certificate } from './certificates.ts';

export interface LocalServer {
  readonly port: number;
  /** How many connections are open now. */
  connections(): number;
}

const closers: (() => void)[] = [];

/** For `afterEach`. */
export function closeServers(): void {
  for (const close of closers.splice(0)) close();
}

export async function httpServer(listener: RequestListener): Promise<LocalServer> {
  return await listen(createHttp(listener));
}

export async function httpsServer(certificate: Certificate, listener: RequestListener): Promise<LocalServer> {
  return await listen(createHttps({ key: certificate.key, cert: certificate.cert }, listener));
}

export async function tcpServer(onConnection: (socket: Socket) => void): Promise<LocalServer> {
  return await listen(createTcp(onConnection));
}

/** A port on which nothing listens: it was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createTcp();
  const { port } = await listen(server);
  await new Promise((done) => server.close(done));
  return port;
}

async function listen(server: Server | TcpServer): Promise<LocalServer> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });
  server.on('tlsClientError', () => {});
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(0, '127.0.0.1', done);
  });
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, connections: () => sockets.size };
}
