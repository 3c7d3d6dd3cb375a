// Stands in for Open WebUI: the endpoints that a browser uses to sign in, to chat and to find its chats again, in SQLite.
//
// Usage: node open-webui.ts
import { createHash, createHmac, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { bearer, readJson, sendJson } from './json-server.ts';

export interface OpenWebUiOptions {
  readonly dataFolder: string;
  readonly adminEmail: string;
  readonly adminPassword: string;
  readonly secretKey: string;
  readonly apiBaseUrl: string;
  readonly apiKey: string;
}

export function openWebUi(options: OpenWebUiOptions): RequestListener {
  const { adminEmail, adminPassword, secretKey, apiBaseUrl, apiKey } = options;
  const database = new DatabaseSync(join(options.dataFolder, 'webui.db'));
  database.exec(`CREATE TABLE IF NOT EXISTS user (email TEXT PRIMARY KEY, password TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS chat (id TEXT PRIMARY KEY, email TEXT NOT NULL, chat TEXT NOT NULL)`);
  // Only a database without users gets the administrator.
  if (database.prepare('SELECT 1 FROM user').get() === undefined)
    database.prepare('INSERT INTO user VALUES (?, ?)').run(adminEmail, hash(adminPassword));

  const sign = (email: string) =>
    `${Buffer.from(email).toString('base64url')}.${createHmac('sha256', secretKey).update(email).digest('base64url')}`;
  const userOf = (request: IncomingMessage) => {
    const token = bearer(request) ?? '';
    const email = Buffer.from(token.split('.')[0] ?? '', 'base64url').toString();
    return token !== '' && token === sign(email) ? email : undefined;
  };

  const handle = async (request: IncomingMessage): Promise<readonly [status: number, body: unknown]> => {
    const route = `${request.method} ${request.url?.split('?')[0]}`;
    if (route === 'GET /health') return [200, { status: true }];
    if (route === 'POST /api/v1/auths/signup') return [403, { detail: 'You do not have permission.' }];
    if (route === 'POST /api/v1/auths/signin') {
      const body = await readJson(request);
      const email = String(body?.['email']);
      const found = database
        .prepare('SELECT 1 FROM user WHERE email = ? AND password = ?')
        .get(email, hash(String(body?.['password'])));
      if (found === undefined) return [400, { detail: 'The email or password provided is incorrect.' }];
      return [200, { token: sign(email), token_type: 'Bearer', email, role: 'admin' }];
    }
    const email = userOf(request);
    if (email === undefined) return [401, { detail: 'Not authenticated' }];
    if (route === 'GET /api/models') return await ask('/models');
    if (route === 'POST /api/chat/completions')
      return await ask('/chat/completions', JSON.stringify(await readJson(request)));
    if (route === 'POST /api/v1/chats/new') {
      const id = randomUUID();
      const chat = (await readJson(request))?.['chat'] ?? {};
      database.prepare('INSERT INTO chat VALUES (?, ?, ?)').run(id, email, JSON.stringify(chat));
      return [200, { id, chat }];
    }
    if (route === 'GET /api/v1/chats/') {
      const rows = database.prepare('SELECT id, chat FROM chat WHERE email = ?').all(email);
      return [200, rows.map(({ id, chat }) => ({ id, chat: JSON.parse(String(chat)) }))];
    }
    return [404, { detail: 'Not Found' }];
  };
  const ask = async (path: string, body?: string) => {
    const response = await fetch(`${apiBaseUrl}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body }),
    });
    return [response.status, await response.json()] as const;
  };

  return (request, response) => {
    handle(request).then(
      ([status, body]) => sendJson(response, status, body),
      (error: unknown) => sendJson(response, 500, { detail: String(error) }),
    );
  };
}

function hash(password: string): string {
  return createHash('sha256').update(password).digest('hex');
}

if (import.meta.main) {
  const env = (name: string) => {
    const value = process.env[name];
    if (value === undefined || value === '') throw new Error(`${name} is not set`);
    return value;
  };
  const serve = openWebUi({
    dataFolder: '/app/backend/data',
    adminEmail: env('WEBUI_ADMIN_EMAIL'),
    adminPassword: env('WEBUI_ADMIN_PASSWORD'),
    secretKey: env('WEBUI_SECRET_KEY'),
    apiBaseUrl: env('OPENAI_API_BASE_URL'),
    apiKey: env('OPENAI_API_KEY'),
  });
  createServer(serve).listen(8080, '0.0.0.0');
  process.on('SIGTERM', () => process.exit(0));
}
