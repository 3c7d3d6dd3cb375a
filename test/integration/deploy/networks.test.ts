// A release that says something else of a network: compose stops what is in it, and makes it anew.
import { beforeAll, expect, it } from '@jest/globals';
import { createHost, type DeployHost } from '../../support/deploy-host.ts';
import { deploySuite } from '../../support/deploy-suite.ts';

const suite = deploySuite();

function stack(host: DeployHost, networks: string, version = '1'): string {
  return `services:
  web:
    image: launch-test/app:1
    environment: { VERSION: "${version}" }
    ports: ["127.0.0.1:${host.port}:3000"]
    networks: [front, back]
  db:
    image: launch-test/app:1
    # Else it would have to run for some seconds, since nothing asks it.
    healthcheck: { test: ["CMD", "true"], interval: 300ms }
    networks: { back: { aliases: [store] } }
networks: ${networks}
`;
}

const plain = '{ front: {}, back: {} }';

const health = (host: DeployHost, timeout: string) =>
  `health: [{ http: "http://127.0.0.1:${host.port}/health", timeout: ${timeout}, interval: 100ms }]\n`;

async function createShop(): Promise<DeployHost> {
  const host = await createHost();
  host.commit({ 'compose.yml': stack(host, plain), 'service.yml': health(host, '30s') });
  expect((await host.deploy()).status).toBe('deployed');
  return host;
}

const ask = (host: DeployHost, name: string) =>
  host.docker('exec', `${host.service}-web-1`, 'wget', '-qO-', `http://${name}:3000/version`);

const facts = (host: DeployHost, format: string, name: string) =>
  host.docker('network', 'inspect', '--format', format, `${host.service}_${name}`);

suite('a network that a release changes', () => {
  // What was taken back is what the second release finds.
  let host: DeployHost;
  beforeAll(async () => {
    host = await createShop();
  });

  it('is what it was when the release is taken back, and everything is in it as before', async () => {
    const before = host.containers();
    const described = '{{.Internal}} {{json .IPAM.Config}} {{json .Labels}}';
    const networks = facts(host, described, 'front');
    host.commit({
      'compose.yml': stack(host, '{ front: { internal: true }, back: { internal: true } }'),
      'service.yml': health(host, '2s'),
    });
    expect(await host.deploy()).toMatchObject({ status: 'rolled-back', notPutBack: undefined });
    expect(await host.get('/version')).toBe('1');
    for (const name of ['db', 'store']) expect(ask(host, name)).toBe('1');
    expect(facts(host, described, 'front')).toBe(networks);
    expect(Object.keys(host.containers()).sort()).toEqual(Object.keys(before).sort());
    expect(host.containers()['db-1']?.id).toBe(before['db-1']?.id);
  });

  it('has those that stay in it under their names, and publishes their ports', async () => {
    const before = host.containers();
    host.commit({ 'compose.yml': stack(host, '{ front: {}, back: { labels: { changed: "1" } } }') });
    expect((await host.deploy()).status).toBe('deployed');
    for (const name of ['db', 'store']) expect(ask(host, name)).toBe('1');
    expect(await host.get('/version')).toBe('1');
    expect(host.containers()['db-1']?.id).toBe(before['db-1']?.id);
    host.commit({ 'compose.yml': stack(host, '{ front: { labels: { changed: "1" } }, back: {} }', '2') });
    expect((await host.deploy()).status).toBe('deployed');
    for (const name of ['db', 'store']) expect(ask(host, name)).toBe('1');
    expect(await host.get('/version')).toBe('2');
    expect((await host.deploy()).status).toBe('unchanged');
  });
});
