// A request to the fake as its routes see it, and what is wrong with it before a route has looked at it.
import type { IncomingMessage } from 'node:http';
import type { Account } from './accounts.ts';
import { type CloudflareRequest, Malformed, Refused } from './envelope.ts';

export async function readRequest(
  incoming: IncomingMessage,
  path: string,
  params: Readonly<Record<string, string>>,
  url: URL,
  body: Buffer,
): Promise<CloudflareRequest> {
  const type = incoming.headers['content-type'] ?? '';
  const text = body.toString();
  return {
    method: incoming.method ?? '',
    path,
    params,
    query: Object.fromEntries(url.searchParams),
    headers: incoming.headers,
    text,
    body: type.startsWith('multipart/') ? undefined : parseJson(text),
    form: type.startsWith('multipart/form-data')
      ? await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData()
      : undefined,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whose token it is, and whether the account is the token's. */
export function check(
  { headers, path, params }: CloudflareRequest,
  known: { token: string; account: Account },
): void {
  const { authorization } = headers;
  if (authorization === undefined) {
    throw new Refused(400, 9106, 'Missing X-Auth-Key, X-Auth-Email or Authorization headers');
  }
  if (!/^Bearer [\w.-]+$/.test(authorization)) throw new Refused(400, 6003, 'Invalid request headers');
  if (authorization !== `Bearer ${known.token}`) {
    if (path === '/user/tokens/verify') throw new Refused(401, 1000, 'Invalid API Token');
    throw new Refused(403, 10000, 'Authentication error');
  }
  if (params['account'] !== undefined && params['account'] !== known.account.id) {
    throw new Refused(403, 10000, 'Authentication error');
  }
}

export function checkContent({ method, path, headers, body, form, text }: CloudflareRequest): void {
  if (text === '' || method === 'GET' || /\/(values|objects)\//.test(path)) return;
  if (body === undefined && form === undefined) throw new Malformed('the body is neither JSON nor multipart');
  // Cloudflare is not strict about it, and wrangler does not name the type of each body; all others shall.
  const { 'content-type': type = 'none', 'user-agent': agent = '' } = headers;
  if (!agent.startsWith('wrangler/') && !/^(application\/([\w-]+\+)?json|multipart\/form-data)/.test(type)) {
    throw new Malformed(`the body's content type is ${type}`);
  }
}

export async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
