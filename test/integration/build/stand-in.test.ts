// In the bundle @actions/core has a stand-in for its HTTP client; the real one must still do the work.
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROOT } from '../../support/source-tree.ts';
import { node24 } from '../../support/tools.ts';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'launch-probe-'));
const requests: IncomingMessage[] = [];
const server = createServer((request, response) => {
  requests.push(request);
  // The first answer is one that the real client tries again after.
  if (requests.length === 1) response.writeHead(503).end();
  else response.writeHead(200, { 'content-type': 'application/json' }).end('{"value":"the-id-token"}');
});

beforeAll(async () => {
  execFileSync(
    node24(),
    [
      join(ROOT, 'test/support/build-probe.ts'),
      folder,
      "export const core = async () => await import('@actions/core');",
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
}, 120_000);

afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs `code` with the bundled `core`, then prints which of Node's modules for HTTP were loaded. */
async function probe(code: string, env: Record<string, string> = {}) {
  const script = `
    const { createRequire } = await import('node:module');
    const { core: load } = createRequire('file:///probe.js')(${JSON.stringify(join(folder, 'launch.js'))});
    const core = await load();
    ${code}
    console.log(JSON.stringify(process.moduleLoadList.filter((m) => /^NativeModule (http|https|tls|zlib|child_process)$/.test(m))));
  `;
  const { stdout } = await run(node24(), ['--input-type=module', '-e', script], {
    env: { PATH: process.env['PATH'], ...env },
  });
  return stdout.trim().split('\n');
}

describe('@actions/core in the bundle', () => {
  it('writes outputs between delimiters that nobody can guess, without loading crypto', async () => {
    const file = join(folder, 'outputs');
    writeFileSync(file, '');
    const lines = await probe(
      `core.setOutput('a', 'one'); core.setOutput('b', 'two');
      console.log(process.moduleLoadList.includes('NativeModule crypto'));`,
      { GITHUB_OUTPUT: file },
    );
    expect(lines[0]).toBe('false');
    const uuid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
    const found = [
      ...readFileSync(file, 'utf8').matchAll(new RegExp(`<<(ghadelimiter_${uuid})\\n(\\w+)\\n\\1\\n`, 'g')),
    ];
    expect(found.map((it) => it[2])).toEqual(['one', 'two']);
    expect(found[0]?.[1]).not.toBe(found[1]?.[1]);
  });

  it('loads no HTTP module at its start, though all of it is there', async () => {
    const [names, loaded] = await probe('console.log(Object.keys(core).includes("getIDToken"));');
    expect(names).toBe('true');
    expect(JSON.parse(loaded ?? '')).not.toEqual(expect.arrayContaining(['NativeModule http']));
    expect(JSON.parse(loaded ?? '')).not.toEqual(expect.arrayContaining(['NativeModule tls']));
  });

  it('gets an OIDC token with the real client, with its retries and its token', async () => {
    const { port } = server.address() as AddressInfo;
    const lines = await probe('console.log("token " + (await core.getIDToken("launch test")));', {
      ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${port}/token?api=1`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'request-token',
    });
    expect(lines).toContain('::add-mask::the-id-token');
    expect(lines).toContain('token the-id-token');
    expect(lines.at(-1)).toContain('NativeModule http');
    expect(requests.map(({ url, headers }) => [url, headers.authorization, headers['user-agent']])).toEqual([
      ['/token?api=1&audience=launch%20test', 'Bearer request-token', 'actions/oidc-client'],
      ['/token?api=1&audience=launch%20test', 'Bearer request-token', 'actions/oidc-client'],
    ]);
  });

  it('has all that it takes from its HTTP client', () => {
    const lib = join(ROOT, 'node_modules/@actions/core/lib');
    const sources = readdirSync(lib)
      .filter((file) => file.endsWith('.js'))
      .map((file) => readFileSync(join(lib, file), 'utf8'));
    const taken = sources.flatMap((text) =>
      Array.from(text.matchAll(/import\s+(.+?)\s+from\s+'@actions\/http-client([^']*)'/g), (match) =>
        match.slice(1),
      ),
    );
    expect(taken).toEqual([
      ['{ HttpClient }', ''],
      ['{ BearerCredentialHandler }', '/lib/auth'],
    ]);
    const called = sources.flatMap((text) =>
      Array.from(text.matchAll(/httpclient\s*\.(\w+)\(/g), ([, name]) => name),
    );
    expect(called).toEqual(['getJson']);
  });
});
