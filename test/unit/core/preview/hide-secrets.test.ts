import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { isCredentialName } from '../../../../src/core/preview/credential-name.ts';
import { fillVariables } from '../../../../src/core/preview/fill-variables.ts';
import { hideSecrets } from '../../../../src/core/preview/hide-secrets.ts';

const tree = (text: string): Record<string, unknown> => parse(text);
const hidden = (text: string) => hideSecrets(undefined, tree(text)).after;

/** Made at run time, so that no scanner takes them for something real. */
const random = ['q8Zr2Lx0Vt6Ns4Yb', 'K1mJ9dPwCe7Hg3Fu'].join('');

describe('isCredentialName', () => {
  it.each([
    'POSTGRES_PASSWORD',
    'DB_PASS_PROD',
    'apiKey',
    '--auth-token',
    'requirepass',
    'REDIS_AUTH',
    'jwt.secret',
    'MYSQL_PWD',
    'session-salt',
    'SENTRY_DSN',
    'DBPASSWORD_PROD',
    'MINIO_SECRETKEY',
    'TEAMS_WEBHOOK_URL',
  ])('takes %s for one', (name) => expect(isCredentialName(name)).toBe(true));

  it.each(['PASSWORD_FILE', 'TOKEN_URL', 'AUTH_HOST', 'MONKEY', 'image', 'KEYCLOAK_HOST', 'secret_name', ''])(
    'does not take %s for one',
    (name) => expect(isCredentialName(name)).toBe(false),
  );
});

describe('hideSecrets', () => {
  it.each([
    [
      'an environment map',
      `services: { a: { environment: { POSTGRES_PASSWORD: hunter2, LEVEL: info } } }`,
      'hunter2',
    ],
    ['a number', `services: { a: { environment: { PIN: 4711 } } }`, '4711'],
    ['an argument', `services: { a: { command: [serve, --password, hunter2] } }`, 'hunter2'],
    [
      'an argument with its value',
      `services: { a: { command: "serve --api-key=hunter2x --port=80" } }`,
      'hunter2x',
    ],
    ['a shell line', `services: { a: { command: ["sh", "-c", "PGPASSWORD='hunter 2' psql"] } }`, 'hunter 2'],
    [
      'a client of MySQL',
      `services: { a: { healthcheck: { test: [CMD, mysqladmin, ping, -uroot, -phunter2] } } }`,
      'hunter2',
    ],
    [
      'a client of MySQL in a shell',
      `services: { a: { healthcheck: { test: "mysqladmin ping -uroot -phunter2" } } }`,
      'hunter2',
    ],
    ['curl', `services: { a: { command: [curl, -u, "bob:hunter2", "http://x/"] } }`, 'hunter2'],
    [
      'a URL',
      `services: { a: { environment: { DATABASE_URL: "postgres://bob:hunter2@db/app" } } }`,
      'hunter2',
    ],
    [
      'a URL with a token for a user',
      `services: { a: { build: "https://hunter2@git.example.org/x.git" } }`,
      'hunter2',
    ],
    [
      'a query',
      `services: { a: { environment: { HOOK: "https://x.example.org/?a=1&token=hunter2" } } }`,
      'hunter2',
    ],
    [
      'a connection string',
      `services: { a: { environment: { CONN: "Server=db;User=sa;Password=hunter2;" } } }`,
      'hunter2',
    ],
    ['a label', `services: { a: { labels: { "app.secret": hunter2 } } }`, 'hunter2'],
    [
      'hashes of users',
      `services: { a: { labels: { "traefik.basicauth.users": "bob:$$apr1$$q8Zr2Lx0$$Vt6Ns4YbK1mJ9dPw" } } }`,
      'Vt6Ns4YbK1mJ9dPw',
    ],
    ['an extension', `x-credentials: { user: bob, pw: [hunter2] }`, 'hunter2'],
    [
      'a header',
      `services: { a: { environment: { HEADERS: "Authorization: Bearer hunter2hunter2" } } }`,
      'hunter2hunter2',
    ],
    [
      'JSON',
      `services: { a: { environment: { CONFIG: '{"clientSecret": "hunter2", "a": 1}' } } }`,
      'hunter2',
    ],
    [
      'a private key',
      `configs: { c: { content: "-----BEGIN PRIVATE KEY-----\\nMIIabc\\n-----END PRIVATE KEY-----" } }`,
      'MIIabc',
    ],
    ['what is long and mixed', `services: { a: { command: [serve, "${random}"] } }`, random],
    ['an argument with signs', `services: { a: { command: ["--password=ab(c)&hunter2"] } }`, 'hunter2'],
    ['a shell word with a comma', `x-a: "export PASSWORD=ab,hunter2; run"`, 'hunter2'],
    ['Redis', `services: { a: { healthcheck: { test: [CMD, redis-cli, -a, hunter2, ping] } } }`, 'hunter2'],
    [
      'Redis in a shell',
      `services: { a: { healthcheck: { test: "redis-cli -a hunter2 ping" } } }`,
      'hunter2',
    ],
    ['MongoDB', `services: { a: { command: "mongosh -u root -p hunter2" } }`, 'hunter2'],
    ['a URL with a slash in it', `x-a: "postgres://bob:ab/hunter2@db/app"`, 'hunter2'],
    ['a URL with an at sign in it', `x-a: "postgres://bob:ab@hunter2@db/app"`, 'hunter2'],
    ["Go's address of a database", `x-a: "bob:hunter2@tcp(db:3306)/app"`, 'hunter2'],
    [
      'options of a mount',
      `volumes: { v: { driver_opts: { o: "username=bob,password=hunter2" } } }`,
      'hunter2',
    ],
    ['JSON with an escaped quote', `x-a: '{"password": "ab\\"hunter2"}'`, 'hunter2'],
    ['JSON in an argument', `x-a: 'curl -d "{\\"password\\":\\"hunter2\\"}"'`, 'hunter2'],
    ['JSON as a list', `x-a: '{"tokens": ["ab", "hunter2"]}'`, 'hunter2'],
    ['XML', `x-a: "<password>hunter2</password>"`, 'hunter2'],
    ['SQL', `x-a: "CREATE USER bob WITH PASSWORD 'hunter2'"`, 'hunter2'],
    ['a file of Redis', `configs: { c: { content: "requirepass hunter2\\n" } }`, 'hunter2'],
    [
      'a value on the next line',
      `configs: { c: { content: "password: >-\\n    hunter2\\nport: 80" } }`,
      'hunter2',
    ],
    [
      'a file of several lines',
      `configs: { c: { content: "[db]\\npassword = a b; hunter2\\n" } }`,
      'hunter2',
    ],
    ['a configuration by its name', `configs: { db_password: { content: hunter2 } }`, 'hunter2'],
    ['a secret', `secrets: { db: { content: hunter2 } }`, 'hunter2'],
    ['the options of a secret', `secrets: { db: { driver_opts: { key: hunter2 } } }`, 'hunter2'],
    ['users in a label', `x-a: { traefik.basicauth.users: "bob:hunter2" }`, 'hunter2'],
    ['a signed URL', `x-a: "https://x.example.org/?sig=hunter2"`, 'hunter2'],
    ['a key of a map', `x-note: { "password=hunter2": 1 }`, 'hunter2'],
    ['an anchor', `x-env: &env { API_TOKEN: hunter2 }\nservices: { a: { environment: *env } }`, 'hunter2'],
    [
      'its second occurrence',
      `services: { a: { environment: { DB_PASSWORD: hunter2, NOTE: "use hunter2" } } }`,
      'use hunter2',
    ],
  ])('hides a credential in %s', (_where, text, secret) => {
    const shown = JSON.stringify(hidden(text));
    expect(shown).not.toContain(secret);
    expect(shown).toContain('***');
  });

  it.each([
    `{ name: shop, services: { auth: { image: "auth:2", depends_on: { token-store: { condition: service_started } } } } }`,
    `{ services: { a: { image: "registry.example.org/a@sha256:${'0123456789abcdef'.repeat(4)}" } } }`,
    `{ services: { a: { environment: { DATABASE_PASSWORD: "\${DATABASE_PASSWORD}", PASSWORD_FILE: /run/secrets/x } } } }`,
    `{ services: { a: { secrets: [api_key, { source: token, target: /t }] } }, secrets: { api_key: { file: ./key } } }`,
    `{ services: { a: { ports: ["8080:80"], user: "1000:1000", volumes: ["key:/var/key"] } }, volumes: { key: {} } }`,
    `{ services: { a: { environment: { AUTH_ENABLED: true, USE_TOKEN: "true", MODE: production } } } }`,
    `{ services: { a: { environment: { POSTGRES_PASSWORD: null } } } }`,
    `{ launch: { secrets: [API_TOKEN], strategy: recreate, health: [{ http: "http://127.0.0.1/health" }] } }`,
  ])('leaves alone what is none: %s', (text) => {
    expect(hidden(text)).toEqual(tree(text));
  });

  it('says whether the value is another one', () => {
    const text = (password: string, token: string) =>
      tree(`services: { a: { environment: { DB_PASSWORD: "${password}", TOKEN: "${token}", PLAIN: x } } }`);
    const { before, after } = hideSecrets(text('one-1', 'same-1'), text('two-2', 'same-1'));
    expect(before).toEqual(
      tree('services: { a: { environment: { DB_PASSWORD: "***", TOKEN: "***", PLAIN: x } } }'),
    );
    expect(after).toEqual(
      tree('services: { a: { environment: { DB_PASSWORD: "***(changed)", TOKEN: "***", PLAIN: x } } }'),
    );
  });

  it('takes no mark of a document for its own', () => {
    const shown = JSON.stringify(hidden('services: { a: { image: "a\ue001b", command: "\ue000x" } }'));
    expect(shown).not.toMatch(/[\ue000\ue001]/);
  });

  it('is quick, whatever the text', () => {
    const long = `password=${'a-'.repeat(20_000)} ${'x:'.repeat(5000)} ${'--token '.repeat(3000)}`;
    const started = performance.now();
    hideSecrets(undefined, { services: { a: { command: long, environment: { X: long.slice(0, 40_000) } } } });
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe('fillVariables', () => {
  const known = {
    values: { LEVEL: 'info', EMPTY: '', DB_PASSWORD: 'hunter2', NESTED: 'x' },
    secrets: new Set(['API_TOKEN']),
  };

  it.each([
    ['$LEVEL and ${LEVEL}', 'info and info'],
    ['${UNSET}', '${UNSET}'],
    ['$UNSET', '${UNSET}'],
    ['${UNSET:-a ${LEVEL}}', 'a info'],
    ['${EMPTY:-b}${EMPTY-c}', 'b'],
    ['${LEVEL:+set}${UNSET:+not}', 'set'],
    ['$$LEVEL', '$$LEVEL'],
    ['${API_TOKEN}', '${API_TOKEN}'],
    ['${API_TOKEN:-real-default}', '${API_TOKEN}'],
    ['${API_TOKEN:?give it}', '${API_TOKEN}'],
  ])('makes %s %s', (text, filled) => expect(fillVariables(text, known)).toBe(filled));

  it('marks what comes of a variable that is called like a credential, also its default', () => {
    for (const text of ['x ${DB_PASSWORD}', 'x ${OTHER_TOKEN:-hunter2}']) {
      const filled = fillVariables(text, known);
      expect(hideSecrets(undefined, { a: filled }).after).toEqual({ a: 'x ***' });
    }
  });
});
