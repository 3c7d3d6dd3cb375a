// Stands in for the hub that models come from, with the repository of NVIDIA's packages beside it, and with their faults.
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { httpServer } from '../local-server.ts';

export interface HubFault {
  /** Part of the path of the requests that meet it. */
  readonly on: string;
  /** How many requests meet it; without it all do. */
  times?: number;
  /** An answer with this status. */
  readonly status?: number;
  /** The connection is cut, or says nothing more, after so many bytes of the body. */
  readonly cutAfter?: number;
  readonly stallAfter?: number;
  /** The whole file for whoever asks for its rest. */
  readonly ignoresRange?: boolean;
  /** Other bytes than the hub has listed. */
  readonly corrupt?: boolean;
}

export interface Hub {
  readonly url: string;
  readonly commit: string;
  readonly files: Map<string, Buffer>;
  readonly requests: {
    readonly url: string;
    readonly range: string | undefined;
    readonly token: string | undefined;
  }[];
  /** Which models there are. */
  readonly models: Set<string>;
  /** Another server, to which the hub sends everybody for the files themselves. */
  storage: string | undefined;
  /** What a caller has to show, when it is set. */
  token: string | undefined;
  fault: HubFault | undefined;
  /** Called before a request is answered. */
  onRequest: ((url: string) => void) | undefined;
}

export const modelId = 'mistralai/Mistral-7B-Instruct-v0.3';

export async function startHub(): Promise<Hub> {
  const hub: { -readonly [K in keyof Hub]: Hub[K] } = {
    url: '',
    commit: 'c170c708c41dac9275d15a8fff4eca08d52bab71',
    files: new Map([
      ['.gitattributes', Buffer.from('*.safetensors filter=lfs')],
      ['README.md', Buffer.from('# A model\n')],
      ['config.json', Buffer.from('{"architectures":["MistralForCausalLM"]}')],
      ['consolidated.safetensors', Buffer.alloc(300_000, 1)],
      ['params.json', Buffer.from('{}')],
      ['model-00001-of-00002.safetensors', Buffer.alloc(200_000, 2)],
      ['model-00002-of-00002.safetensors', Buffer.alloc(100_000, 3)],
      ['model.safetensors.index.json', Buffer.from('{}')],
    ]),
    requests: [],
    models: new Set([modelId]),
    storage: undefined,
    token: undefined,
    fault: undefined,
    onRequest: undefined,
  };
  const { port } = await httpServer((request, response) => answer(hub, request, response));
  hub.url = `http://127.0.0.1:${port}`;
  return hub;
}

function answer(hub: Hub, request: IncomingMessage, response: ServerResponse): void {
  const url = request.url ?? '';
  const token = request.headers.authorization?.replace('Bearer ', '');
  const { range } = request.headers;
  if (url === '/toolkit/gpgkey') {
    response.end('-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQINBF\n-----END PGP PUBLIC KEY BLOCK-----\n');
    return;
  }
  hub.requests.push({ url, range, token });
  hub.onRequest?.(url);
  const fault = hub.fault !== undefined && url.includes(hub.fault.on) ? hub.fault : undefined;
  if (fault?.times !== undefined) {
    fault.times -= 1;
    if (fault.times <= 0) hub.fault = undefined;
  }
  if (fault?.status !== undefined) {
    response.writeHead(fault.status).end('{"error":"as the test wants it"}');
    return;
  }
  if (hub.token !== undefined && token !== hub.token) {
    response.writeHead(401).end('{"error":"Invalid username or password."}');
    return;
  }
  const [, model, name] =
    /^\/(?:api\/models\/)?([^/]+\/[^/]+)\/(?:revision\/main\?blobs=true|resolve\/[0-9a-f]{40}\/(.+))$/.exec(
      url,
    ) ?? [];
  if (model === undefined || !hub.models.has(model)) {
    response.writeHead(404).end();
    return;
  }
  if (name === undefined) {
    const siblings = Array.from(hub.files, ([rfilename, content]) => ({
      rfilename,
      size: content.length,
      ...(rfilename.endsWith('.safetensors')
        ? { lfs: { sha256: createHash('sha256').update(content).digest('hex'), size: content.length } }
        : {}),
    }));
    response.end(JSON.stringify({ id: model, sha: hub.commit, siblings }));
    return;
  }
  const content = hub.files.get(name);
  if (content === undefined) response.writeHead(404).end();
  else if (hub.storage !== undefined) response.writeHead(302, { location: `${hub.storage}/${name}` }).end();
  else sendContent(response, content, range, fault);
}

function sendContent(
  response: ServerResponse,
  whole: Buffer,
  asked: string | undefined,
  fault: HubFault | undefined,
): void {
  const range = fault?.ignoresRange === true ? undefined : asked;
  const from = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
  if (range !== undefined && from >= whole.length) {
    response.writeHead(416, { 'content-range': `bytes */${whole.length}` }).end();
    return;
  }
  const content = fault?.corrupt === true ? Buffer.alloc(whole.length - from, 9) : whole.subarray(from);
  response.writeHead(range === undefined ? 200 : 206, {
    'content-length': content.length,
    ...(range === undefined ? {} : { 'content-range': `bytes ${from}-${whole.length - 1}/${whole.length}` }),
  });
  const part = fault?.cutAfter ?? fault?.stallAfter;
  if (part === undefined) response.end(content);
  else
    response.write(content.subarray(0, part), () => {
      if (fault?.cutAfter !== undefined) setTimeout(() => response.destroy(), 20);
    });
}
