import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it } from '@jest/globals';
import { readStatus } from '../../../src/operations/read-status.ts';
import { createHost, freeRange, webHealth, webService } from '../../support/deploy-host.ts';
import { deploySuite } from '../../support/deploy-suite.ts';

const suite = deploySuite();

suite('a host port that somebody else holds', () => {
  it('stops the deployment before anything happens, and names the process', async () => {
    const host = await createHost();
    const good = {
      'compose.yml': webService(host.port),
      'service.yml': webHealth(host.port),
      'html/index.html': 'one',
    };
    host.commit(good);
    await host.deploy();
    const before = host.containers();
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    host.commit({ 'compose.yml': webService(port) });
    await expect(host.deploy()).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: expect.stringMatching(new RegExp(`127\\.0\\.0\\.1:${port}/tcp.*process ${process.pid}\\)`)),
    });
    expect(host.containers()).toEqual(before);
    expect(await host.get()).toBe('one');
    server.close();
    await once(server, 'close');
    host.commit({ 'compose.yml': webService(port), 'service.yml': webHealth(port) });
    expect((await host.deploy()).status).toBe('deployed');
  });

  it('names the container, and takes its own for its own', async () => {
    const [one, two] = [await createHost(), await createHost()];
    for (const host of [one, two]) {
      host.commit({
        'compose.yml': webService(one.port),
        'service.yml': webHealth(one.port),
        'html/index.html': 'x',
      });
    }
    await one.deploy();
    await expect(two.deploy()).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: expect.stringContaining(`the container ${one.service}-web-1 (compose project ${one.service})`),
    });
    expect(two.containers()).toEqual({});
    expect((await one.deploy({ force: true })).status).toBe('deployed');
  });
});

suite('LAUNCH_PORT', () => {
  const compose = `services:
  web:
    image: launch-test/nginx:1
    ports: ["127.0.0.1:\${LAUNCH_PORT}:80"]
`;
  const published = (host: Awaited<ReturnType<typeof createHost>>) =>
    host.docker('port', `${host.service}-web-1`, '80').split(':').at(-1);

  it('is one of the range of the target, and stays the same', async () => {
    const first = await freeRange();
    const host = await createHost();
    host.commit({
      '/launch.yml': `targets: { homelab: { runs-on: x, port-range: ${first}-${first + 50} } }\n`,
      'compose.yml': compose,
    });
    expect(await host.deploy()).toMatchObject({ status: 'deployed', failure: undefined });
    const port = published(host);
    expect(Number(port)).toBeGreaterThanOrEqual(first);
    expect(Number(port)).toBeLessThanOrEqual(first + 50);
    expect((await host.deploy()).status).toBe('unchanged');
    expect((await host.deploy({ force: true })).status).toBe('deployed');
    expect(published(host)).toBe(port);
  });

  it('may stand in a check, which asks there, as the measured outage and `launch status` do', async () => {
    const first = await freeRange();
    const host = await createHost();
    const manifest = (path: string, timeout = '60s') =>
      `health: [{ http: "http://127.0.0.1:\${LAUNCH_PORT}${path}", timeout: ${timeout}, interval: 100ms }, { tcp: "127.0.0.1:\${LAUNCH_PORT}" }]\n`;
    host.commit({ 'compose.yml': compose, 'service.yml': manifest('/') });
    await expect(host.deploy()).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/LAUNCH_PORT.*port-range/),
    });
    expect(host.containers()).toEqual({});
    const range = (from: number) =>
      `targets: { homelab: { runs-on: x, port-range: ${from}-${from + 20} } }\n`;
    host.commit({ '/launch.yml': range(first) });
    expect(await host.deploy()).toMatchObject({ status: 'deployed', failure: undefined });
    const port = published(host);
    const [status] = await readStatus({ stateRoot: host.stateDir, services: [], hostEnv: process.env });
    expect(status).toMatchObject({ health: 'healthy', detail: '' });
    // Taken back it is asked where it was, though the range is another one by now.
    host.commit({ '/launch.yml': range(first + 100), 'service.yml': manifest('/none', '2s') });
    expect(await host.deploy()).toMatchObject({ status: 'rolled-back', notPutBack: undefined });
    expect(published(host)).toBe(port);
  });

  it('of another service of the host is never handed out twice', async () => {
    const first = await freeRange();
    const host = await createHost();
    const other = await createHost();
    const files = {
      '/launch.yml': `targets: { homelab: { runs-on: x, port-range: ${first}-${first} } }\n`,
      'compose.yml': compose,
    };
    host.commit(files);
    other.commit(files);
    await host.deploy();
    await expect(other.deploy({ stateDir: host.stateDir })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('No port of'),
    });
  });
});

suite('the ports of the host itself', () => {
  it('are refused', async () => {
    const host = await createHost();
    host.commit({ 'compose.yml': webService(443), 'html/index.html': 'x' });
    await expect(host.deploy()).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/443, which is reserved/),
    });
    expect(host.containers()).toEqual({});
  });
});
