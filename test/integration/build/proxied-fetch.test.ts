// In the bundle there is only a part of undici; behind a proxy it must still do all that an API asks of it.
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeCertificates } from '../../support/certificates.ts';
import { closeServers, httpsServer, tcpServer } from '../../support/local-server.ts';
import { ROOT } from '../../support/source-tree.ts';
import { node24 } from '../../support/tools.ts';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'launch-probe-'));
const tunnels: string[] = [];
let proxy = 0;
let api = '';

beforeAll(async () => {
  const source = './src/adapters/github/proxied-fetch.js';
  const code = `export const load = async () => await import('${source}');`;
  execFileSync(node24(), [join(ROOT, 'test/support/build-probe.ts'), folder, code], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const certificates = makeCertificates();
  writeFileSync(join(folder, 'authority.pem'), certificates.authority);
  api = `https://localhost:${(await httpsServer(certificates.valid, answer)).port}`;
  proxy = (await tcpServer(tunnel)).port;
}, 120_000);

afterAll(() => {
  closeServers();
  rmSync(folder, { recursive: true, force: true });
});

function tunnel(socket: Socket): void {
  socket.once('data', (head) => {
    const request = head.toString('latin1');
    tunnels.push(request);
    const port = /^CONNECT localhost:(\d+) /.exec(request)?.[1];
    if (port === undefined) return void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    const onward = connect(Number(port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    onward.on('error', () => socket.destroy());
  });
}

const answer: RequestListener = (request, response) => {
  if (request.url === '/moved') return void response.writeHead(307, { location: '/echo' }).end();
  if (request.url === '/nothing') return void response.writeHead(204).end();
  if (request.url === '/late') return;
  request.toArray().then((chunks: Buffer[]) => {
    const said = { method: request.method, body: Buffer.concat(chunks).toString(), ...request.headers };
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip', link: 'next' });
    response.end(gzipSync(JSON.stringify(said)));
  });
};

/** What `code` prints, as JSON. `ask` is what the bundle gives; undefined where there is no proxy. */
async function probe(code: string, env: Record<string, string>): Promise<unknown> {
  const script = `
    const { createRequire } = await import('node:module');
    const { load } = createRequire('file:///probe.js')(${JSON.stringify(join(folder, 'launch.js'))});
    const ask = await (await load()).fetchThroughProxy();
    const api = ${JSON.stringify(api)};
    console.log(JSON.stringify(await (async () => { ${code} })()));
  `;
  const { stdout } = await run(node24(), ['--input-type=module', '-e', script], {
    env: { PATH: process.env['PATH'], NODE_EXTRA_CA_CERTS: join(folder, 'authority.pem'), ...env },
  });
  return JSON.parse(stdout);
}

describe('a fetch through a proxy, in the bundle', () => {
  it('is the platform’s own where no proxy is named', async () => {
    expect(await probe('return { isThere: ask !== undefined };', {})).toEqual({ isThere: false });
  });

  it('asks through a tunnel, with the name and password for the proxy and for nobody else', async () => {
    const said = await probe(
      `const response = await ask(api + '/moved', { method: 'POST', body: '{"a":1}', headers: { authorization: 'Bearer token' } });
       return { status: response.status, link: response.headers.get('link'), body: await response.json() };`,
      { https_proxy: `http://me:pass%20word@127.0.0.1:${proxy}` },
    );
    expect(said).toMatchObject({
      status: 200,
      link: 'next',
      body: { method: 'POST', body: '{"a":1}', authorization: 'Bearer token' },
    });
    expect(said).not.toHaveProperty('body.proxy-authorization');
    const credentials = Buffer.from('me:pass word').toString('base64');
    expect(tunnels.at(-1)).toMatch(new RegExp(`^proxy-authorization: Basic ${credentials}\\r$`, 'im'));
  });

  it('ends with its signal, and takes an answer without a body', async () => {
    const code = `
      const { status, body } = await ask(api + '/nothing');
      const late = await ask(api + '/late', { signal: AbortSignal.timeout(200) }).catch(({ name }) => name);
      return { status, body, late };`;
    const env = { HTTPS_PROXY: `http://127.0.0.1:${proxy}` };
    expect(await probe(code, env)).toEqual({ status: 204, body: null, late: 'TimeoutError' });
  });

  it('goes no way round the proxy when that refuses', async () => {
    const code = `return await ask('https://elsewhere.example/').then(() => 'answered', ({ message }) => message);`;
    expect(await probe(code, { https_proxy: `http://127.0.0.1:${proxy}` })).toBe('fetch failed');
    expect(tunnels.at(-1)).toMatch(/^CONNECT elsewhere\.example:443 /);
  });

  it('asks directly where the API is one that needs no proxy', async () => {
    const before = tunnels.length;
    const env = { https_proxy: `http://127.0.0.1:${proxy}`, GITHUB_API_URL: api };
    expect(await probe(`return (await ask(api + '/nothing')).status;`, env)).toBe(204);
    expect(tunnels).toHaveLength(before);
  });
});

describe('the part of undici', () => {
  it('has all that the HTTP client takes', () => {
    const lib = join(ROOT, 'node_modules/@actions/http-client/lib');
    const taken = readdirSync(lib)
      .filter((file) => file.endsWith('.js'))
      .flatMap((file) =>
        Array.from(
          readFileSync(join(lib, file), 'utf8').matchAll(/^.*['"]undici[^'"]*['"].*$/gm),
          ([line]) => line,
        ),
      );
    expect(taken).toEqual([`import { ProxyAgent } from 'undici';`]);
  });

  it('has all that the agent takes from an index', () => {
    const lib = join(ROOT, 'node_modules/undici');
    expect(readFileSync(join(lib, 'index.js'), 'utf8')).toContain('Object.assign(Dispatcher.prototype, api)');
    const agent = readFileSync(join(lib, 'lib/dispatcher/proxy-agent.js'), 'utf8');
    const called = Array.from(agent.matchAll(/this\[kClient\]\.(\w+)\(/g), ([, name]) => name);
    expect(new Set(called)).toEqual(new Set(['connect', 'close', 'destroy']));
  });
});
