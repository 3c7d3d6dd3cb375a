// The engine of a machine with an NVIDIA GPU, as far as one without can be it: everything goes to the real engine, which
// would refuse a GPU that it does not have. What a container asks for of devices is noted and left out.
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { temporaryFolder } from './repository.ts';

export interface GpuEngine {
  /** For DOCKER_HOST. */
  readonly address: string;
  /** What containers have asked for, in their order: `HostConfig.DeviceRequests` of the engine's API. */
  readonly asked: readonly unknown[];
  close(): Promise<void>;
}

const realEngine = (process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock').replace('unix://', '');

export async function startGpuEngine(): Promise<GpuEngine> {
  const asked: unknown[] = [];
  const server = createServer((incoming, answer) => {
    void forward(incoming, answer, asked).catch((error: unknown) => {
      answer.destroy(error instanceof Error ? error : undefined);
    });
  });
  const path = join(temporaryFolder('launch-gpu-'), 'docker.sock');
  await new Promise<void>((done, fail) => server.once('error', fail).listen(path, done));
  return {
    address: `unix://${path}`,
    asked,
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

async function forward(incoming: IncomingMessage, answer: ServerResponse, asked: unknown[]): Promise<void> {
  const makes = incoming.method === 'POST' && /\/containers\/create(\?|$)/.test(incoming.url ?? '');
  const body = makes ? withoutDevices(await buffer(incoming), asked) : undefined;
  const headers = { ...incoming.headers, ...(body && { 'content-length': String(body.byteLength) }) };
  const options = { socketPath: realEngine, method: incoming.method, path: incoming.url, headers };
  const outgoing = request(options, (response) => {
    answer.writeHead(response.statusCode ?? 502, response.headers);
    response.pipe(answer);
  });
  outgoing.on('error', (error) => answer.destroy(error));
  answer.on('close', () => outgoing.destroy());
  if (body === undefined) incoming.pipe(outgoing);
  else outgoing.end(body);
}

function withoutDevices(body: Buffer, asked: unknown[]): Buffer {
  const wish: { HostConfig: Record<string, unknown> } = JSON.parse(body.toString());
  asked.push(wish.HostConfig['DeviceRequests']);
  delete wish.HostConfig['DeviceRequests'];
  return Buffer.from(JSON.stringify(wish));
}
