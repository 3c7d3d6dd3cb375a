import { expect, it } from '@jest/globals';
import { edgeStatus } from '../../../src/operations/edge/status.ts';
import { createHost, type DeployHost } from '../../support/deploy-host.ts';
import { deploySuite, useEdge } from '../../support/deploy-suite.ts';
import { routedCompose, routedFiles, routedSettings } from '../../support/routed-service.ts';

const edge = useEdge();

const suite = deploySuite('caddy');

function commit(host: DeployHost, settings: string): void {
  host.commit({
    'compose.yml': routedCompose({ version: 'one' }),
    'service.yml': settings,
    ...routedFiles('one'),
  });
}

suite('the URL of a routed service', () => {
  it('is the one at which the proxy of this host serves it, after a rollback too', async () => {
    const host = await createHost();
    edge.announce(host.stateDir);
    const name = `${host.service}.home.arpa`;
    commit(host, routedSettings(name, 'recreate'));
    const { url } = await host.deploy();
    expect(url).toBe(`http://${name}:${edge.port}`);
    expect((await edge.get(name, '/version')).text).toBe('one');
    commit(host, `${routedSettings(name, 'recreate')}url: https://own.example.org\n`);
    expect((await host.deploy()).url).toBe('https://own.example.org');
    expect((await host.rollback()).url).toBe(url);
  });

  it('is what the commit says on a host without a proxy', async () => {
    const host = await createHost();
    const ports = `    ports: ["127.0.0.1:${host.port}:3000"]\n`;
    host.commit({
      'compose.yml': routedCompose({ version: 'one', extra: ports }),
      'service.yml': 'route: { host: chat.example.org, port: 3000 }\n',
      ...routedFiles('one'),
    });
    expect((await host.deploy()).url).toBe('https://chat.example.org');
  });
});

suite('a route that another service has', () => {
  it('is refused with the name of that service', async () => {
    const first = await createHost();
    const second = await createHost();
    edge.announce(first.stateDir);
    commit(first, routedSettings(first.service, 'recreate'));
    await first.deploy();
    commit(second, routedSettings(first.service, 'recreate'));
    await expect(second.deploy({ stateDir: first.stateDir })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(`for "${first.service}" of octo/shop on the target homelab`),
    });
    expect(second.containers()).toEqual({});
    const { routes } = await edgeStatus({ stateRoot: first.stateDir, env: process.env });
    expect(routes.filter(({ host }) => host === first.service)).toMatchObject([
      { service: first.service, right: true },
    ]);
  });
});
