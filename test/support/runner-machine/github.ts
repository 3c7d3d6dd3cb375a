// Stands in for GitHub where a runner is set up: its API, its downloads, and the other end of the runner's own programs.
// It checks what it is sent; what nobody should send is kept in `refused`. As a process of its own:
// `node github.ts --port-file FILE --archives FOLDER --token TOKEN`. `GET /fake/state` tells what it knows,
// `POST /fake/set` changes it.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

interface Runner {
  readonly id: number;
  readonly name: string;
  readonly labels: readonly string[];
  readonly scope: string;
  readonly group: string;
  readonly ephemeral: boolean;
  readonly credential: string;
  online: boolean;
}
interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly file?: Buffer;
}

const { values } = parseArgs({
  options: {
    'port-file': { type: 'string', default: '' },
    archives: { type: 'string', default: '' },
    token: { type: 'string', default: '' },
  },
});

const runners: Runner[] = [];
const refused: string[] = [];
const requests: string[] = [];
const tokens = { registration: ['registration-by-hand-0001'], remove: ['removal-by-hand-0001'] };
const settings = { forbidden: false, down: false, hidden: false, dockerKey: '' };
let made = 0;

/** Why the API would not answer at all. */
function apiRefusal(request: IncomingMessage, path: string): Answer | undefined {
  const known = { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' };
  for (const [name, value] of Object.entries(known)) {
    if (request.headers[name] !== value)
      refused.push(`${request.method} ${path}: ${name} is ${request.headers[name]}`);
  }
  if (settings.down) return { status: 503, body: { message: 'Service unavailable' } };
  if (request.headers.authorization !== `Bearer ${values.token}`)
    return { status: 401, body: { message: 'Bad credentials' } };
  if (settings.forbidden)
    return { status: 403, body: { message: 'Resource not accessible by personal access token' } };
  return undefined;
}

function apiAnswer(request: IncomingMessage, path: string, query: URLSearchParams): Answer {
  const { method = '' } = request;
  const refusal = apiRefusal(request, path);
  if (refusal !== undefined) return refusal;
  const [, scope = '', rest = ''] =
    /^\/(repos\/acme\/shop|orgs\/acme)\/actions\/runners(\/.*)?$/.exec(path) ?? [];
  if (scope === '') return { status: 404, body: { message: 'Not Found' } };
  const kind = /^\/(registration|remove)-token$/.exec(rest)?.[1];
  if (method === 'POST' && (kind === 'registration' || kind === 'remove')) {
    made += 1;
    const token = `${kind}-by-api-${String(made).padStart(4, '0')}`;
    tokens[kind].push(token);
    return { status: 201, body: { token, expires_at: '2026-11-22T12:00:00Z' } };
  }
  if (method === 'GET' && rest === '') {
    if (query.get('per_page') !== '100') refused.push(`GET ${path}: per_page is ${query.get('per_page')}`);
    const from = (Number(query.get('page') ?? '1') - 1) * 100;
    const listed = settings.hidden ? [] : runners.filter((it) => it.scope === scope);
    const page = listed.slice(from, from + 100).map(({ id, name, labels, online }) => ({
      id,
      name,
      status: online ? 'online' : 'offline',
      labels: labels.map((label) => ({ name: label })),
    }));
    return { status: 200, body: { total_count: listed.length, runners: page } };
  }
  const id = /^\/(\d+)$/.exec(rest)?.[1];
  if (method === 'DELETE' && id !== undefined) {
    const index = runners.findIndex((it) => it.id === Number(id) && it.scope === scope);
    if (index < 0) return { status: 404, body: { message: 'Not Found' } };
    runners.splice(index, 1);
    return { status: 204 };
  }
  refused.push(`${method} ${path}`);
  return { status: 404, body: { message: 'Not Found' } };
}

/** What the runner's own programs say, whose protocol is nobody else's business. */
function runnerAnswer(path: string, body: Record<string, unknown>): Answer {
  if (path === '/runner/register') {
    if (!tokens.registration.includes(String(body['token']))) return { status: 401, body: 'Http 404: token' };
    const { pathname } = new URL(String(body['url']));
    const scope = pathname.split('/').length === 3 ? `repos${pathname}` : `orgs${pathname}`;
    const there = runners.findIndex((it) => it.name === body['name'] && it.scope === scope);
    if (there >= 0 && body['replace'] !== true) return { status: 409, body: 'exists' };
    if (there >= 0) runners.splice(there, 1);
    made += 1;
    runners.push({
      id: made,
      name: String(body['name']),
      labels: ['self-hosted', 'Linux', 'X64', ...String(body['labels']).split(',')],
      scope,
      group: String(body['group'] ?? ''),
      ephemeral: body['ephemeral'] === true,
      credential: `credential-${made}`,
      online: false,
    });
    return { status: 200, body: { id: made, credential: `credential-${made}` } };
  }
  const runner = runners.find((it) => it.credential === body['credential']);
  if (path === '/runner/unregister') {
    if (!tokens.remove.includes(String(body['token']))) return { status: 401, body: 'Http 404: token' };
    if (runner !== undefined) runners.splice(runners.indexOf(runner), 1);
    return { status: 200, body: {} };
  }
  if (runner === undefined) return { status: 404, body: 'no such runner' };
  runner.online = path === '/runner/online';
  // One job, then GitHub forgets it.
  if (path === '/runner/offline' && runner.ephemeral) runners.splice(runners.indexOf(runner), 1);
  return { status: 200, body: {} };
}

function answer(request: IncomingMessage, text: string): Answer {
  const { pathname: path, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  if (path === '/fake/state') return { status: 200, body: { runners, refused, requests } };
  if (path === '/fake/set') {
    Object.assign(settings, JSON.parse(text));
    return { status: 200, body: {} };
  }
  if (path.startsWith('/runner/')) return runnerAnswer(path, JSON.parse(text));
  requests.push(`${request.method} ${path}`);
  if (path.startsWith('/api/')) return apiAnswer(request, path.slice('/api'.length), searchParams);
  const archive = /^\/releases\/v[\d.]+\/(actions-runner-linux-(?:x64|arm64)-[\d.]+\.tar\.gz)$/.exec(
    path,
  )?.[1];
  const file = archive === undefined ? undefined : join(values.archives, archive);
  if (file !== undefined && existsSync(file)) return { status: 200, file: readFileSync(file) };
  if (path === '/docker/debian/gpg' || path === '/docker/ubuntu/gpg')
    return { status: 200, file: Buffer.from(settings.dockerKey) };
  return { status: 404, body: 'no such file' };
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { status, body, file } = answer(request, Buffer.concat(chunks).toString('utf8'));
    response.writeHead(status).end(file ?? (body === undefined ? '' : JSON.stringify(body)));
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  writeFileSync(values['port-file'], String(address.port));
});
process.on('SIGTERM', () => process.exit(0));
