import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { caddyProxy } from '../../../src/adapters/edge/caddy.ts';
import { restoreRoutes } from '../../../src/operations/edge/restore-routes.ts';
import { edgeUp } from '../../../src/operations/edge/set-up.ts';
import { edgeStatus } from '../../../src/operations/edge/status.ts';
import { edgeDown } from '../../../src/operations/edge/take-down.ts';
import { createHost, removeProjects } from '../../support/deploy-host.ts';
import { startEdge, type TestEdge } from '../../support/edge.ts';
import { recordingReporter } from '../../support/recording-reporter.ts';
import { removeRepositories, temporaryFolder, useHermeticGit } from '../../support/repository.ts';
import { routedCompose, routedFiles, routedSettings } from '../../support/routed-service.ts';
import { requireTools } from '../../support/tools.ts';

useHermeticGit();
let edge: TestEdge;
const servers: Server[] = [];
beforeAll(async () => {
  edge = await startEdge();
});
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});
afterAll(async () => {
  await edge.stop();
  removeProjects();
  removeRepositories();
});

const suite = requireTools('caddy', 'docker', 'compose', 'flock');
const proxyAt = (admin = edge.admin) => {
  const { http, https, bind } = edge.settings;
  return caddyProxy({ admin, tls: 'off', ports: { http, https, bind } });
};

/** A server that says its name at once, and to /slow only when it is told. */
async function upstream(name: string): Promise<{ at: string; waiting: ServerResponse[] }> {
  const waiting: ServerResponse[] = [];
  const server = createServer((request, answer) => {
    if (request.url === '/slow') waiting.push(answer);
    else answer.end(name);
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const address = server.address();
  return { at: `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`, waiting };
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 5000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

suite('the edge proxy', () => {
  it('switches a route in one step, and counts what is under way to those that leave', async () => {
    const proxy = proxyAt();
    const [old, next] = [await upstream('old'), await upstream('new')];
    const route = { id: 'launch-a', host: 'a.test', path: '/' };
    await proxy.serve(route, [old.at], []);
    await until('the old one', async () => (await edge.get('a.test')).text === 'old');
    const slow = edge.get('a.test', '/slow');
    await until('the slow request to come in', () => old.waiting.length === 1);
    await proxy.serve(route, [next.at], [old.at]);
    await until('the new one', async () => (await edge.get('a.test')).text === 'new');
    expect(await proxy.inFlight(old.at)).toBe(1);
    old.waiting[0]?.end('from the old one');
    expect((await slow).text).toBe('from the old one');
    await until('the count to fall', async () => (await proxy.inFlight(old.at)) === 0);
    await proxy.remove('launch-a');
    expect((await proxy.routes()).map(({ id }) => id)).not.toContain('launch-a');
    await proxy.remove('launch-a');
    proxy.close();
  });

  it('keeps what it serves when a change is refused', async () => {
    const proxy = proxyAt();
    const good = await upstream('good');
    const route = { id: 'launch-b', host: 'b.test', path: '/' };
    await proxy.serve(route, [good.at], []);
    const before = await edge.config();
    // A host with TLS asks for a second server, here with a port that does not exist.
    const ports = { http: edge.port, bind: '127.0.0.1', https: 99_999 };
    const impossible = caddyProxy({ admin: edge.admin, tls: 'auto', ports });
    const secure = { ...route, host: 'b.example.org' };
    await expect(impossible.serve(secure, [good.at], [])).rejects.toMatchObject({
      code: 'DEPLOY_FAILED',
      message: expect.stringContaining('it still serves'),
    });
    expect(await edge.config()).toEqual(before);
    // The same with a port that somebody else has.
    const taken = createServer().listen(0, '127.0.0.1');
    servers.push(taken);
    await once(taken, 'listening');
    const address = taken.address();
    const https = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const other = caddyProxy({ admin: edge.admin, tls: 'auto', ports: { ...ports, https } });
    await expect(other.serve(secure, [good.at], [])).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: expect.stringContaining('it still serves'),
    });
    expect(await edge.config()).toEqual(before);
    await until('the good one', async () => (await edge.get('b.test')).text === 'good');
    proxy.close();
  });

  it('takes changes of many at once without losing one, and leaves foreign routes alone', async () => {
    const there = await upstream('x');
    const routes = Array.from({ length: 12 }, (_, at) => ({
      id: `launch-m${at}`,
      host: `m${at}.test`,
      path: '/',
    }));
    const foreign = [
      { match: [{ host: ['foreign.test'] }], handle: [{ handler: 'static_response', body: 'mine' }] },
    ];
    await proxyAt().serve({ id: 'launch-first', host: 'first.test', path: '/' }, [there.at], []);
    await fetch(`http://${edge.admin}/config/apps/http/servers/launch_http/routes/...`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(foreign),
    });
    await Promise.all(routes.map(async (route) => await proxyAt().serve(route, [there.at], [])));
    const served = (await proxyAt().routes()).map(({ id }) => id);
    expect(served).toEqual(expect.arrayContaining(routes.map(({ id }) => id)));
    await until('mine', async () => (await edge.get('foreign.test')).text === 'mine');
    await Promise.all(routes.map(async ({ id }) => await proxyAt().remove(id)));
    await until('mine', async () => (await edge.get('foreign.test')).text === 'mine');
  });

  it('that does not answer is told as such', async () => {
    await expect(proxyAt('127.0.0.1:1').assertReady()).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: expect.stringContaining('launch edge up'),
    });
  });
});

suite('launch edge', () => {
  const up = {
    image: 'none',
    tls: 'off' as const,
    bind: '127.0.0.1',
    env: process.env,
    by: 'ann',
    patienceMs: 0,
  };

  it('takes a proxy that runs already, shows where the routes lead, and mends them', async () => {
    const reporter = recordingReporter();
    const host = await createHost();
    const { http, https, admin } = edge.settings;
    const request = { ...up, stateRoot: host.stateDir, admin, http, https };
    expect(await edgeUp(request, reporter)).toMatchObject({ answers: true, settings: { admin } });
    host.commit({
      'compose.yml': routedCompose({ version: 'one' }),
      'service.yml': routedSettings(host.service, 'recreate'),
      ...routedFiles('one'),
    });
    expect((await host.deploy()).status).toBe('deployed');
    const mine = async () =>
      (await edgeStatus(request)).routes.find(({ service }) => service === host.service);
    expect(await mine()).toMatchObject({ host: host.service, right: true });
    // As after a restart of the host: the container has another address than the route.
    await proxyAt().serve(
      { id: (await mine())?.id ?? '', host: host.service, path: '/' },
      ['127.0.0.1:1'],
      [],
    );
    await until(
      'the route to lead nowhere',
      async () => (await edge.get(host.service, '/version')).status === 502,
    );
    expect(await mine()).toMatchObject({ right: false });
    await restoreRoutes(request, reporter);
    await until(
      'the route to be right',
      async () => (await edge.get(host.service, '/version')).text === 'one',
    );
    expect(await edgeDown(request)).toEqual({ wasThere: true });
    expect(await edgeDown(request)).toEqual({ wasThere: false });
    await expect(edge.get(host.service, '/version')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('says that there is none', async () => {
    const stateRoot = temporaryFolder('launch-state-');
    expect(await edgeStatus({ stateRoot, env: process.env })).toMatchObject({
      settings: undefined,
      routes: [],
    });
  });
});
