// services/librechat/health-check.sh: what it takes for healthy, and what it says of all else.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { type Certificates, makeCertificates } from '../../support/certificates.ts';
import { closeServers, freePort, httpServer, httpsServer } from '../../support/local-server.ts';
import { removeRepositories, temporaryFolder } from '../../support/repository.ts';
import { ROOT } from '../../support/source-tree.ts';
import { requireTools } from '../../support/tools.ts';

requireTools('curl', 'openssl')("LibreChat's health check", () => {
  let certificates: Certificates;
  let bundle = '';

  beforeAll(() => {
    certificates = makeCertificates();
    bundle = join(temporaryFolder('launch-authority-'), 'authority.pem');
    writeFileSync(bundle, certificates.authority);
  });
  afterEach(closeServers);
  afterAll(removeRepositories);

  const answering = (status: number, body: string) => (_: unknown, response: ServerResponse) =>
    void response.writeHead(status, status === 302 ? { location: '/login' } : {}).end(body);
  const check = async (env: Record<string, string>) => {
    const child = spawn(join(ROOT, 'services/librechat/health-check.sh'), {
      env: { PATH: process.env['PATH'], CURL_CA_BUNDLE: bundle, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const status = new Promise<number | null>((done) => child.once('close', done));
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    return { status: await status, stdout, stderr };
  };
  /** LibreChat is well on this host. */
  const local = async () => ({
    LIBRECHAT_PORT: String((await httpServer(answering(200, 'OK'))).port),
  });

  it('passes where LibreChat answers, and needs no public name for it', async () => {
    const env = await local();
    expect(await check(env)).toEqual({
      status: 0,
      stdout: `healthy: http://127.0.0.1:${env.LIBRECHAT_PORT}/health\n`,
      stderr: '',
    });
    // Published on every address, it is asked on this host.
    expect((await check({ ...env, LIBRECHAT_BIND: '0.0.0.0' })).status).toBe(0);
  });

  it('passes at a public name with a certificate that is good', async () => {
    const { port } = await httpsServer(certificates.valid, answering(200, 'OK'));
    const well = await check({ ...(await local()), PUBLIC_HOST: `localhost:${port}` });
    expect(well).toMatchObject({ status: 0, stderr: '' });
    expect(well.stdout).toContain(`healthy: https://localhost:${port}/health\n`);
  });

  it.each([
    ['another host', 'otherHost', 'certificate is not valid for localhost'],
    ['an authority that nobody knows', 'selfSigned', 'certificate is not valid for localhost'],
    ['yesterday', 'expired', 'certificate is not valid for localhost'],
  ] as const)('refuses a certificate of %s', async (_, kind, says) => {
    const { port } = await httpsServer(certificates[kind], answering(200, 'OK'));
    const refused = await check({ ...(await local()), PUBLIC_HOST: `localhost:${port}` });
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain(`unhealthy: https://localhost:${port}/health: its ${says}`);
  });

  it('refuses a good certificate of an authority that this host does not trust', async () => {
    const { port } = await httpsServer(certificates.valid, answering(200, 'OK'));
    const other = join(temporaryFolder('launch-authority-'), 'authority.pem');
    writeFileSync(other, makeCertificates().authority);
    const env = { ...(await local()), CURL_CA_BUNDLE: other, PUBLIC_HOST: `localhost:${port}` };
    expect(await check(env)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^unhealthy: .*nobody that this host trusts/),
    });
  });

  it('checks certificates, whatever the settings of curl in its home say', async () => {
    const home = temporaryFolder('launch-home-');
    writeFileSync(join(home, '.curlrc'), 'insecure\n');
    const { port } = await httpsServer(certificates.selfSigned, answering(200, 'OK'));
    const refused = await check({ ...(await local()), HOME: home, PUBLIC_HOST: `localhost:${port}` });
    expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining('certificate is not valid') });
  });

  it.each([
    ['a failing LibreChat', 500, 'down', 'answers 500, not 200'],
    ['a login in front of it', 302, '', 'answers 302, not 200'],
    ['something else', 200, 'Welcome to nginx', 'answers 200, but not as LibreChat does'],
  ])('refuses %s, on this host and in public', async (_, status, body, says) => {
    const { port } = await httpServer(answering(status, body));
    const here = await check({ LIBRECHAT_PORT: String(port) });
    expect([here.status, here.stderr]).toEqual([1, `unhealthy: http://127.0.0.1:${port}/health ${says}\n`]);
    const secure = await httpsServer(certificates.valid, answering(status, body));
    const there = await check({ ...(await local()), PUBLIC_HOST: `localhost:${secure.port}` });
    expect([there.status, there.stderr]).toEqual([
      1,
      `unhealthy: https://localhost:${secure.port}/health ${says}\n`,
    ]);
  });

  it('tells where nothing answers, what does not resolve, and what is no host name', async () => {
    const nowhere = await check({ LIBRECHAT_PORT: String(await freePort()) });
    expect(nowhere).toMatchObject({ status: 1, stderr: expect.stringContaining('nothing answers there') });
    const env = await local();
    const unknown = await check({ ...env, PUBLIC_HOST: 'chat.invalid' });
    expect(unknown).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('the name chat.invalid does not resolve'),
    });
    for (const name of ['https://chat.example.org', 'a b', '-x', 'chat.example.org/path']) {
      const refused = await check({ ...env, PUBLIC_HOST: name });
      expect(refused.stderr).toBe(
        `unhealthy: PUBLIC_HOST is "${name}". It takes a host name alone, for example chat.example.org\n`,
      );
    }
    // TLS is asked for, and plain HTTP answers.
    const plain = await httpServer(answering(200, 'OK'));
    const insecure = await check({ ...env, PUBLIC_HOST: `localhost:${plain.port}` });
    expect(insecure).toMatchObject({ status: 1, stderr: expect.stringContaining('no TLS connection') });
  });
});
