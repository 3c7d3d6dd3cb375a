import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { checkHealth } from '../../../src/operations/check-health.ts';
import { type Certificates, makeCertificates } from '../../support/certificates.ts';
import { check, outcomeOf } from '../../support/health.ts';
import { closeServers, freePort, httpServer, httpsServer, tcpServer } from '../../support/local-server.ts';
import { recordingReporter } from '../../support/recording-reporter.ts';

afterEach(closeServers);

describe('an http check', () => {
  it('waits for a service that answers 503 twice', async () => {
    let requests = 0;
    const { port } = await httpServer((_request, response) => {
      requests++;
      response.writeHead(requests < 3 ? 503 : 200).end('warming up');
    });
    const reporter = recordingReporter();
    const report = await checkHealth([check({ http: `http://127.0.0.1:${port}/` })], reporter);
    expect(report).toMatchObject({ healthy: true, attempts: 3 });
    // The same failure twice is told once.
    expect(reporter.lines.filter((line) => line.includes('status 503'))).toHaveLength(1);
    expect(reporter.lines.at(-1)).toMatch(/healthy after 3 attempts/);
  });

  it('wants the successes in a row', async () => {
    const answers = [200, 500, 200, 200, 200];
    const { port } = await httpServer((_request, response) => {
      response.writeHead(answers.shift() ?? 500).end();
    });
    const outcome = await outcomeOf({ http: `http://127.0.0.1:${port}/`, successes: 3 });
    expect(outcome).toMatchObject({ healthy: true, attempts: 5 });
  });

  it('tells that nothing listens', async () => {
    const port = await freePort();
    const outcome = await outcomeOf({ http: `http://127.0.0.1:${port}/`, timeout: '200ms' });
    expect(outcome).toMatchObject({ healthy: false, why: expect.stringMatching(/connection was refused/) });
    expect(outcome.attempts).toBeGreaterThan(1);
  });

  it('tells that the name has no address', async () => {
    const outcome = await outcomeOf({ http: 'http://launch-test.invalid/', timeout: '500ms' });
    expect(outcome.why).toBe('the name "launch-test.invalid" has no address (DNS)');
  });

  it('does not let a hanging server eat all of the time', async () => {
    const server = await httpServer(() => {});
    const outcome = await outcomeOf({ http: `http://127.0.0.1:${server.port}/`, timeout: '4s' });
    expect(outcome.why).toMatch(/timed out: no answer within \d+ ms/);
    expect(outcome.attempts).toBeGreaterThanOrEqual(3);
    expect(outcome.elapsedMs).toBeLessThan(6000);
  });

  it('comes back to a server that hung once', async () => {
    let requests = 0;
    const { port } = await httpServer((_request, response) => {
      if (++requests > 1) response.end('ok');
    });
    expect(await outcomeOf({ http: `http://127.0.0.1:${port}/`, timeout: '8s' })).toMatchObject({
      healthy: true,
      attempts: 2,
    });
  });

  it('tells that the connection was closed without an answer', async () => {
    const { port } = await tcpServer((socket) => socket.destroy());
    const outcome = await outcomeOf({ http: `http://127.0.0.1:${port}/`, timeout: '200ms' });
    expect(outcome.why).toMatch(/closed the connection without an answer/);
  });

  it('tells that the answer is not HTTP', async () => {
    const { port } = await tcpServer((socket) => socket.end('SSH-2.0-OpenSSH_9.9\r\n'));
    const outcome = await outcomeOf({ http: `http://127.0.0.1:${port}/`, timeout: '200ms' });
    expect(outcome.why).toBe('the answer is not HTTP');
  });

  it('does not follow a redirect, and counts it unless a status is asked', async () => {
    const { port } = await httpServer((request, response) => {
      if (request.url === '/') response.writeHead(302, { location: '/login?next=/' }).end();
      else response.end('login');
    });
    const http = `http://127.0.0.1:${port}/`;
    expect(await outcomeOf({ http })).toMatchObject({ healthy: true });
    const strict = await outcomeOf({ http, status: 200, timeout: '200ms' });
    expect(strict.why).toBe('status 302, a redirect to /login?next=/ instead of 200');
  });

  it('matches body and headers, and shows what came instead', async () => {
    const { port } = await httpServer((_request, response) => {
      response.setHeader('content-type', 'application/json').end('{"status":"ok","version":"2.1"}');
    });
    const http = `http://127.0.0.1:${port}/`;
    const brief = { http, timeout: '200ms' };
    expect(await outcomeOf({ http, body: '"status":"ok"' })).toMatchObject({ healthy: true });
    expect(await outcomeOf({ http, body: '/"version":"2\\.\\d+"/' })).toMatchObject({ healthy: true });
    expect(await outcomeOf({ http, 'expect-headers': { 'Content-Type': 'json' } })).toMatchObject({
      healthy: true,
    });
    expect((await outcomeOf({ ...brief, body: '"status":"up"' })).why).toMatch(
      /body does not have .*status.*up.*: it begins "{"status":"ok"/,
    );
    expect((await outcomeOf({ ...brief, 'expect-headers': { 'Content-Type': 'html' } })).why).toBe(
      'the header content-type is "application/json" instead of "html"',
    );
    expect((await outcomeOf({ ...brief, 'expect-headers': { 'X-Version': '' } })).why).toBe(
      'the header x-version is missing',
    );
  });

  it('sends headers and never shows their values, nor those in the URL', async () => {
    const { port } = await httpServer((request, response) => {
      const sent = `${request.headers['x-token']} ${request.headers.authorization} ${request.url}`;
      const basic = Buffer.from('bot:url-password').toString('base64');
      const known = request.headers['x-token'] === 'header-secret' && sent.includes(`Basic ${basic}`);
      response.writeHead(known ? 418 : 400).end(`you sent ${sent} url-password`);
    });
    const reporter = recordingReporter();
    const report = await checkHealth(
      [
        check({
          http: `http://bot:url-password@127.0.0.1:${port}/?key=query-secret`,
          headers: { 'X-Token': 'header-secret' },
          timeout: '200ms',
        }),
      ],
      reporter,
    );
    const told = JSON.stringify(report) + reporter.lines.join('\n');
    expect(told).toMatch(/status 418/);
    expect(told).not.toMatch(/header-secret|url-password|query-secret/);
    expect(told).toContain(`http://***@127.0.0.1:${port}/?…`);
  });

  it('is content with the head of an answer that never ends, and reads of a wrong one only a part', async () => {
    const { port } = await httpServer((request, response) => {
      response.writeHead(request.url === '/good' ? 200 : 500);
      response.write('data: tick\n');
      const timer = setInterval(() => response.write('x'.repeat(1024)), 1);
      response.on('close', () => clearInterval(timer));
    });
    expect(await outcomeOf({ http: `http://127.0.0.1:${port}/good` })).toMatchObject({
      healthy: true,
      attempts: 1,
    });
    const bad = await outcomeOf({ http: `http://127.0.0.1:${port}/bad`, timeout: '300ms' });
    expect(bad.why).toMatch(/^status 500 .*data: tick/);
  });

  it('leaves no connection open', async () => {
    const server = await httpServer((_request, response) => {
      response.setHeader('connection', 'keep-alive').end('x'.repeat(1_000_000));
    });
    await outcomeOf({ http: `http://127.0.0.1:${server.port}/`, successes: 3 });
    for (let tries = 0; server.connections() > 0 && tries < 200; tries++)
      await new Promise((go) => setTimeout(go, 10));
    expect(server.connections()).toBe(0);
  });
});

describe('an https check', () => {
  let certificates: Certificates;
  const trusted = getCACertificates('default');
  beforeAll(() => {
    certificates = makeCertificates();
    setDefaultCACertificates([...trusted, certificates.authority]);
  });
  afterAll(() => setDefaultCACertificates(trusted));

  it('accepts a certificate that is good', async () => {
    const { port } = await httpsServer(certificates.valid, (_request, response) => response.end('ok'));
    expect(await outcomeOf({ http: `https://127.0.0.1:${port}/` })).toMatchObject({ healthy: true });
  });

  it.each([
    ['expired', /certificate has expired/],
    ['selfSigned', /certificate is self-signed/],
    ['otherHost', /certificate is for another host .*other\.example/],
  ] as const)('tells what is wrong with a certificate: %s', async (name, why) => {
    const { port } = await httpsServer(certificates[name], (_request, response) => response.end('ok'));
    const outcome = await outcomeOf({ http: `https://localhost:${port}/`, timeout: '300ms' });
    expect(outcome).toMatchObject({ healthy: false, why: expect.stringMatching(why) });
  });

  it('tells that the port does not speak TLS', async () => {
    const { port } = await httpServer((_request, response) => response.end('ok'));
    const outcome = await outcomeOf({ http: `https://127.0.0.1:${port}/`, timeout: '300ms' });
    expect(outcome.why).toBe('the server does not speak TLS on this port');
  });
});
