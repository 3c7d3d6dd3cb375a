// Ideogram's API as far as image-gen uses it, on the loopback address. What it is sent is checked against
// https://developer.ideogram.ai/api-reference/api-reference/generate-v3; what is wrong is kept in `refused`.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { httpServer } from '../local-server.ts';

export const ideogramKey = 'ideogram-key-0123456789abcdef';

/** The next answers to a request for an image; afterwards it makes one. */
export type Mood =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  | { readonly body: unknown }
  | 'hang'
  | 'cut'
  | 'redirect'
  | 'hang-on-download'
  | 'cut-download'
  | 'no-image'
  | 'endless-image';

export interface FakeIdeogram {
  readonly url: string;
  /** The fields of each request that was right. */
  readonly orders: Record<string, string>[];
  readonly refused: string[];
  mood: Mood | undefined;
  /** Milliseconds until an image is made. */
  delay: number;
}

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const fields: Readonly<Record<string, RegExp>> = {
  prompt: /./s,
  negative_prompt: /^/,
  seed: /^\d{1,10}$/,
  aspect_ratio: /^(1x3|3x1|1x2|2x1|9x16|16x9|10x16|16x10|2x3|3x2|3x4|4x3|4x5|5x4|1x1)$/,
  rendering_speed: /^(FLASH|TURBO|DEFAULT|QUALITY)$/,
  num_images: /^1$/,
};

/** Closed by `closeServers`. */
export async function startFakeIdeogram(): Promise<FakeIdeogram> {
  const { port } = await httpServer((request, response) => {
    void serve(fake, request, response).catch((error) => {
      fake.refused.push(String(error));
      response.destroy();
    });
  });
  const fake: FakeIdeogram = {
    url: `http://127.0.0.1:${port}`,
    orders: [],
    refused: [],
    mood: undefined,
    delay: 0,
  };
  return fake;
}

async function serve(fake: FakeIdeogram, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { url = '' } = request;
  if (url.startsWith('/images/')) return serveImage(fake, request, response);
  if (url === '/elsewhere') return void fake.refused.push('followed a redirect');
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const order = await orderOf(request, Buffer.concat(chunks));
  if (typeof order === 'string') {
    fake.refused.push(order);
    return void response.writeHead(400).end(order);
  }
  fake.orders.push(order);
  await new Promise((done) => setTimeout(done, fake.delay));
  const { mood } = fake;
  if (mood === 'hang') return;
  if (mood === 'cut') return void response.destroy();
  if (mood === 'redirect') return void response.writeHead(307, { location: '/elsewhere' }).end();
  if (typeof mood === 'object' && 'status' in mood) {
    // As careless services do: what it was sent comes back in the error.
    const told = JSON.stringify({ error: `refused ${request.headers['api-key']} ${order['prompt']}` });
    return void response.writeHead(mood.status, mood.headers).end(told);
  }
  const made = {
    created: '2026-11-21T12:00:00+00:00',
    data: [
      {
        url: `${fake.url}/images/ephemeral.png?sig=${fake.orders.length}`,
        prompt: order['prompt'],
        resolution: '1024x1024',
        is_image_safe: true,
        seed: Number(order['seed'] ?? 4711),
        style_type: 'GENERAL',
      },
    ],
  };
  const body = typeof mood === 'object' && 'body' in mood ? mood.body : made;
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

function serveImage(
  { mood, refused }: FakeIdeogram,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (request.headers['api-key'] !== undefined) refused.push('the key was sent along with a download');
  if (mood === 'hang-on-download') return;
  const type = mood === 'no-image' ? 'text/html' : 'image/png';
  response.writeHead(200, { 'content-type': type });
  if (mood === 'cut-download') {
    response.write(png.subarray(0, 20));
    setTimeout(() => response.destroy(), 50);
  } else if (mood === 'endless-image') {
    const more = () => {
      while (!response.destroyed && response.write(Buffer.alloc(1 << 20)));
    };
    response.on('drain', more);
    more();
  } else response.end(png);
}

/** The fields of the order, or what is wrong with it. */
async function orderOf(request: IncomingMessage, body: Buffer): Promise<Record<string, string> | string> {
  const type = request.headers['content-type'] ?? '';
  if (request.method !== 'POST' || request.url !== '/v1/ideogram-v3/generate') {
    return `${request.method} ${request.url}`;
  }
  if (request.headers['api-key'] !== ideogramKey) return 'a wrong Api-Key';
  if (request.headers.authorization !== undefined) return 'a key of ours was passed on';
  if (!type.startsWith('multipart/form-data')) return `a body of the type ${type}`;
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
  const order: Record<string, string> = {};
  for (const [name, value] of form) {
    if (typeof value !== 'string' || fields[name]?.test(value) !== true) return `a wrong field ${name}`;
    order[name] = value;
  }
  return order['prompt'] === undefined ? 'no prompt' : order;
}
