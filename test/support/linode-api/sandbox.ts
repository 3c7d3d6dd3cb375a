// What a running instance serves: a browser page on 3000 and an API with a key on 8000, at its address of the
// loopback network.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { InstancesState } from './instances.ts';

export interface Sandboxes {
  /** Serves where an instance runs, and stops where it does not any more. */
  follow(): void;
  close(): void;
}

/** The key that the stand-in takes. */
export const sandboxKey = 'sk-stand-in-0123456789';

export function sandboxes({ instances }: InstancesState): Sandboxes {
  const servers = new Map<number, readonly Server[]>();
  const stop = (id: number) => {
    for (const server of servers.get(id) ?? []) {
      server.close();
      server.closeAllConnections();
    }
    servers.delete(id);
  };
  return {
    follow() {
      for (const { id, status, ipv4 } of instances.values()) {
        if (status !== 'running' || servers.has(id)) continue;
        servers.set(id, [listen(ipv4[0], 3000, openWebUi), listen(ipv4[0], 8000, gateway)]);
      }
      for (const id of servers.keys()) if (instances.get(id)?.status !== 'running') stop(id);
    },
    close() {
      for (const id of [...servers.keys()]) stop(id);
    },
  };
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

function listen(host: string | undefined, port: number, listener: Listener): Server {
  const server = createServer(listener);
  // Two with one address: the first has it.
  server.on('error', () => {});
  return server.listen(port, host);
}

export const openWebUi: Listener = ({ url }, response) => {
  if (url === '/health') json(response, 200, { status: true });
  else response.writeHead(200, { 'content-type': 'text/html' }).end('<title>Open WebUI</title>');
};

/** `/v1` with the key, and nothing else. */
export const gateway: Listener = (request, response) => {
  const { url = '', method, headers } = request;
  request.resume();
  if (!url.startsWith('/v1/')) return json(response, 404, {});
  if (headers.authorization !== `Bearer ${sandboxKey}`) return json(response, 401, { error: 'Unauthorized' });
  if (url === '/v1/models')
    return json(response, 200, { object: 'list', data: [{ id: 'tiny', object: 'model' }] });
  if (url === '/v1/chat/completions' && method === 'POST') {
    return json(response, 200, {
      id: 'chatcmpl-1',
      object: 'chat.completion',
      model: 'tiny',
      choices: [{ index: 0, message: { role: 'assistant', content: 'Hello.' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
    });
  }
  return json(response, 404, {});
};

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
