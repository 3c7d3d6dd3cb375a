import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { readStatus } from '../../../src/operations/read-status.ts';
import { remains } from '../../support/after-a-kill.ts';
import { createHost, type DeployHost, until } from '../../support/deploy-host.ts';
import { deploySuite, useEdge } from '../../support/deploy-suite.ts';
import { quietPort } from '../../support/edge.ts';
import { startLoad } from '../../support/load.ts';
import { routedCompose, routedFiles, routedSettings } from '../../support/routed-service.ts';

const edge = useEdge();

const suite = deploySuite('caddy');

function commit(
  host: DeployHost,
  version: string,
  settings = routedSettings(host.service, 'blue-green'),
): void {
  host.commit({
    'compose.yml': routedCompose({ version, bootSeconds: 1 }),
    'service.yml': settings,
    ...routedFiles(version),
  });
}

async function deployed(version = 'one'): Promise<DeployHost> {
  const host = await createHost();
  edge.announce(host.stateDir);
  commit(host, version);
  expect((await host.deploy()).status).toBe('deployed');
  return host;
}

async function served(host: DeployHost): Promise<string> {
  const { status, text } = await edge.get(host.service, '/version');
  return status === 200 ? text : `status ${status}`;
}

suite('requests that are under way to the old containers', () => {
  const slow = (host: DeployHost, seconds: number) => edge.get(host.service, `/cgi-bin/slow?${seconds}`);

  it('end in peace, however long they take within `drain`', async () => {
    const host = await deployed();
    commit(host, 'two');
    const asked = slow(host, 5);
    expect(await host.deploy()).toMatchObject({ status: 'deployed', outageMs: 0 });
    expect(await asked).toEqual({ status: 200, text: 'one' });
    expect(await served(host)).toBe('two');
  });

  it('are cut off after it, and that is said', async () => {
    const host = await deployed();
    commit(host, 'two', routedSettings(host.service, 'blue-green').replace('drain: 10s', 'drain: 500ms'));
    const asked = slow(host, 20).catch(() => ({ status: 0, text: '' }));
    const result = await host.deploy();
    expect(result).toMatchObject({ status: 'deployed', outageMs: 0 });
    expect(result.durationMs).toBeLessThan(15_000);
    expect((await asked).text).not.toBe('one');
    expect(host.warnings.join('\n')).toMatch(/still under way after 500 ms: they are cut off/);
  });
});

suite('the way back of a switch', () => {
  it('is taken by a rollback without a failed request, too', async () => {
    const host = await deployed();
    commit(host, 'two');
    await host.deploy();
    const load = startLoad(edge.port, host.service, 50, 2);
    await sleep(300);
    const result = await host.rollback();
    expect(result).toMatchObject({ status: 'deployed', outageMs: 0, failedProbes: 0 });
    expect(await load.end()).toMatchObject({ failed: 0, versions: ['two', 'one'] });
    expect(remains(host).filter((it) => it !== 'file frozen.json')).toEqual([]);
  });

  it('is taken when the run is cancelled, without an outage', async () => {
    const host = await deployed();
    commit(host, 'two', routedSettings(host.service, 'blue-green').replace('/version"', '/never"'));
    const controller = new AbortController();
    const running = host.deploy({ signal: controller.signal });
    await until('the release to be verified', () => host.log.some((it) => it.includes('/never: attempt')));
    controller.abort();
    expect(await running).toMatchObject({ status: 'rolled-back', outageMs: 0, failedProbes: 0 });
    expect(await served(host)).toBe('one');
    expect(remains(host)).toEqual([]);
  });

  it('is not needed with rollback-on-failure: false: both are there, the old one serves, and the next run tidies up', async () => {
    const host = await deployed();
    commit(
      host,
      'two',
      routedSettings(host.service, 'blue-green').replace('/version", timeout: 10s', '/never", timeout: 1s'),
    );
    expect((await host.deploy({ rollbackOnFailure: false })).status).toBe('failed');
    expect(await served(host)).toBe('one');
    expect(Object.keys(host.containers())).toHaveLength(2);
    commit(host, 'three');
    expect(await host.deploy()).toMatchObject({ status: 'deployed', outageMs: 0 });
    expect(await served(host)).toBe('three');
    expect(remains(host)).toEqual([]);
  });
});

async function listening(port = 0): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return { server, port: typeof address === 'object' ? (address?.port ?? 0) : 0 };
}

suite('an edge proxy', () => {
  it('that can not have a port stops a deployment before anything changes', async () => {
    const host = await deployed();
    const taken = await listening();
    edge.announce(host.stateDir, { tls: 'auto', https: taken.port });
    const before = host.containers();
    commit(host, 'two', routedSettings(`${host.service}.example.org`, 'blue-green'));
    await expect(host.deploy()).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: expect.stringContaining(`process ${process.pid}`),
    });
    expect(host.containers()).toEqual(before);
    expect(await served(host)).toBe('one');
    expect(remains(host)).toEqual([]);
    taken.server.close();
  });

  it('that can not change its configuration keeps the old one, and the release is taken back', async () => {
    const host = await deployed();
    const port = await quietPort();
    edge.announce(host.stateDir, { tls: 'auto', https: port });
    const load = startLoad(edge.port, host.service, 50);
    await sleep(200);
    commit(host, 'two', routedSettings(`${host.service}.example.org`, 'blue-green'));
    const before = await edge.config();
    const taken: Server[] = [];
    const result = await host.deploy({
      beforeEffect: async (effect) => {
        if (effect === 'journal switch') taken.push((await listening(port)).server);
      },
    });
    expect(result).toMatchObject({ status: 'rolled-back', notPutBack: undefined });
    expect(result.failure?.reason).toContain(`The port ${port} of the edge proxy is in use`);
    expect(await edge.config()).toEqual(before);
    expect(await load.end()).toMatchObject({ failed: 0, versions: ['one'] });
    expect(remains(host)).toEqual([]);
    for (const server of taken) server.close();
  });

  it('that does not answer stops a deployment before anything changes', async () => {
    const host = await deployed();
    const before = host.containers();
    edge.announce(host.stateDir, { admin: '127.0.0.1:1' });
    commit(host, 'two');
    await expect(host.deploy()).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
    expect(host.containers()).toEqual(before);
    expect(await served(host)).toBe('one');
    expect(remains(host)).toEqual([]);
  });

  it('that leads a route elsewhere is drift; a service behind it is healthy without a port of its own', async () => {
    const host = await deployed();
    const status = async () =>
      (await readStatus({ stateRoot: host.stateDir, services: [], hostEnv: process.env }))[0];
    expect(await status()).toMatchObject({ health: 'healthy', drift: [] });
    host.docker('restart', '--time', '1', ...Object.values(host.containers()).map(({ id }) => id));
    await until('it to be ready', () =>
      host.docker('exec', `${host.service}-web-1`, 'ls', '/ready').includes('version'),
    );
    await fetch(`http://${edge.admin}/config/apps/http/servers/launch_http/routes`, { method: 'DELETE' });
    expect(await status()).toMatchObject({
      health: 'healthy',
      drift: [`the edge proxy leads ${host.service}/ elsewhere`],
    });
  });
});

suite('a service that was behind no edge proxy', () => {
  it('comes behind it, changes its host, and leaves it again', async () => {
    const host = await createHost();
    const ports = `    ports: ["127.0.0.1:${host.port}:3000"]\n`;
    host.commit({
      'compose.yml': routedCompose({ version: 'one', extra: ports }),
      'service.yml': `health: [{ http: "http://127.0.0.1:${host.port}/version", timeout: 10s }]\n`,
      ...routedFiles('one'),
    });
    await host.deploy();
    expect(await host.get('/version')).toBe('one');
    edge.announce(host.stateDir);
    commit(host, 'two');
    expect((await host.deploy()).status).toBe('deployed');
    expect(await served(host)).toBe('two');
    const other = `other-${host.service}`;
    commit(host, 'three', routedSettings(other, 'rolling'));
    expect((await host.deploy()).status).toBe('deployed');
    expect((await edge.get(other, '/version')).text).toBe('three');
    expect((await edge.get(host.service, '/version')).text).toBe('');
    host.commit({
      'compose.yml': routedCompose({ version: 'four', extra: ports }),
      'service.yml': `health: [{ http: "http://127.0.0.1:${host.port}/version", timeout: 10s }]\n`,
      ...routedFiles('four'),
    });
    expect((await host.deploy()).status).toBe('deployed');
    expect(await host.get('/version')).toBe('four');
    expect((await edge.get(other, '/version')).text).toBe('');
    expect(JSON.stringify(await edge.config())).not.toContain(host.service);
    expect(remains(host)).toEqual([]);
  });
});
