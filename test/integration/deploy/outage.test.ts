import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { expect, it } from '@jest/globals';
import { accepts } from '../../../src/adapters/probe/accepts.ts';
import { deploySummary } from '../../../src/core/deploy/summary.ts';
import { createHost, type DeployHost } from '../../support/deploy-host.ts';
import { deploySuite } from '../../support/deploy-suite.ts';
import { routedCompose, routedFiles } from '../../support/routed-service.ts';

const suite = deploySuite();

const healthcheck =
  '    healthcheck: { test: ["CMD", "test", "-f", "/ready/version"], interval: 1s, retries: 30 }\n';

function commit(host: DeployHost, version: string, extra: string): void {
  host.commit({ 'compose.yml': routedCompose({ version, extra }), ...routedFiles(version) });
}

suite('the outage of a service without an http check', () => {
  it('is measured at the host port that it publishes', async () => {
    const host = await createHost();
    const ports = `    ports: ["127.0.0.1:${host.port}:3000"]\n`;
    commit(host, 'one', ports + healthcheck);
    const first = await host.deploy();
    expect(first).toMatchObject({ status: 'deployed' });
    expect(first.outageMs).toBeUndefined();
    expect(deploySummary(first)).not.toContain('Outage');
    commit(host, 'two', ports + healthcheck);
    const result = await host.deploy();
    expect(result.status).toBe('deployed');
    expect(result.outageMs).toBeGreaterThan(50);
    expect(result.outageMs).toBeLessThan(result.durationMs);
    expect(result.failedProbes).toBeGreaterThan(0);
    expect(await host.get('/version')).toBe('two');
  });

  it('is none where its containers stay', async () => {
    const host = await createHost();
    const ports = `    ports: ["127.0.0.1:${host.port}:3000"]\n`;
    commit(host, 'one', ports + healthcheck);
    await host.deploy();
    expect(await host.deploy({ force: true })).toMatchObject({ outageMs: 0, failedProbes: 0 });
  });

  it.each([
    ['publishes no port', ''],
    ['has the network of the host', '    network_mode: host\n'],
  ])('is said not to be measured where it %s', async (_name, extra) => {
    const host = await createHost();
    const start = '    entrypoint: ["sleep"]\n    stop_grace_period: 0s\n';
    const compose = (version: string) =>
      `services:\n  web:\n    image: launch-test/nginx:1\n    command: ["1000"]\n${start}    environment: { VERSION: "${version}" }\n${extra}`;
    host.commit({ 'compose.yml': compose('one') });
    await host.deploy();
    host.commit({ 'compose.yml': compose('two') });
    const result = await host.deploy();
    expect(result).toMatchObject({ status: 'deployed', notMeasured: expect.stringContaining('no TCP port') });
    expect(deploySummary(result)).toContain('not measured: it has no http check');
    expect(host.log.join('\n')).toContain('Outage: not measured');
  });
});

suite('a connection', () => {
  const at = async (answer: (server: Server) => Server): Promise<{ server: Server; port: number }> => {
    const server = answer(createServer()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    return { server, port: typeof address === 'object' ? (address?.port ?? 0) : 0 };
  };
  const signal = new AbortController().signal;

  it('that is kept or spoken to is taken; one that is closed at once is not', async () => {
    const found: boolean[] = [];
    for (const answer of [
      (server: Server) => server.on('connection', (socket) => socket.on('error', () => {})),
      (server: Server) => server.on('connection', (socket) => socket.end('220 mail\r\n')),
      (server: Server) => server.on('connection', (socket) => socket.destroy()),
    ]) {
      const { server, port } = await at(answer);
      found.push(await accepts({ host: '127.0.0.1', port }, 1000, signal));
      server.close();
    }
    const { server, port } = await at((it) => it);
    server.close();
    await once(server, 'close');
    found.push(await accepts({ host: '127.0.0.1', port }, 1000, signal));
    expect(found).toEqual([true, true, false, false]);
  });

  it('ends as soon as nobody waits for it any more', async () => {
    const given = AbortSignal.abort();
    expect(await accepts({ host: '127.0.0.1', port: 9 }, 1000, given)).toBe(false);
  });
});
