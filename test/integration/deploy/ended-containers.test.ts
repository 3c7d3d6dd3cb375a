// Containers that end: a job that has done its work is told from one that is gone.
import { expect, it } from '@jest/globals';
import type { DeployRequest } from '../../../src/operations/deploy-service.ts';
import { readStatus, type ServiceStatus } from '../../../src/operations/read-status.ts';
import { createHost, type DeployHost, webHealth, webService } from '../../support/deploy-host.ts';
import { deploySuite, useEdge } from '../../support/deploy-suite.ts';
import { routedCompose, routedFiles, routedSettings } from '../../support/routed-service.ts';

const edge = useEdge();
const suite = deploySuite('caddy');

const status = async (host: DeployHost): Promise<ServiceStatus | undefined> =>
  (await readStatus({ stateRoot: host.stateDir, services: [], hostEnv: process.env }))[0];

const side = (more: string) =>
  `  db:\n    image: launch-test/app:1\n    stop_grace_period: 1s\n    environment: { WORD: "one" }\n${more}`;

async function released(more = '', changes: Partial<DeployRequest> = {}): Promise<DeployHost> {
  const host = await createHost();
  host.commit({
    'compose.yml': webService(host.port, side(more)),
    'service.yml': webHealth(host.port),
    'html/index.html': 'one',
  });
  expect((await host.deploy(changes)).status).toBe('deployed');
  return host;
}

const stateOf = (host: DeployHost, name: string) =>
  host.docker('inspect', '--format', '{{.State.Status}} {{.State.ExitCode}}', `${host.service}-${name}`);

suite('a container that ran when its release was accepted', () => {
  it('and was stopped with 0 is unhealthy, is drift, and is started again by the same commit', async () => {
    const host = await released(
      '    healthcheck: { test: ["CMD", "echo", "all is well"], interval: 200ms, retries: 1 }\n',
    );
    expect(await status(host)).toMatchObject({ health: 'healthy', drift: [] });
    host.docker('stop', `${host.service}-db-1`);
    expect(stateOf(host, 'db-1')).toBe('exited 0');
    expect(await status(host)).toMatchObject({
      health: 'unhealthy',
      detail: `${host.service}-db-1 ended (exit status 0)`,
      drift: [`${host.service}-db-1 has ended`],
    });
    expect((await host.deploy()).status).toBe('deployed');
    expect(stateOf(host, 'db-1')).toBe('running 0');
    expect(await status(host)).toMatchObject({ health: 'healthy', drift: [] });
    expect((await host.deploy()).status).toBe('unchanged');
  });

  it('is started again beside the edge proxy, where compose is told of new containers only', async () => {
    const host = await createHost();
    edge.announce(host.stateDir);
    const release = (version: string) =>
      host.commit({
        'compose.yml': routedCompose({ version, others: side('') }),
        'service.yml': routedSettings(host.service, 'blue-green', 'stateful: [db]\n'),
        ...routedFiles(version),
      });
    release('one');
    expect((await host.deploy()).status).toBe('deployed');
    host.docker('stop', `${host.service}-db-1`);
    expect((await host.deploy()).status).toBe('deployed');
    expect(stateOf(host, 'db-1')).toBe('running 0');
    host.docker('stop', `${host.service}-db-1`);
    release('two');
    expect((await host.deploy()).status).toBe('deployed');
    expect(stateOf(host, 'db-1')).toBe('running 0');
    expect((await edge.get(host.service, '/version')).text).toBe('two');
  });

  it('is started again when its release comes back', async () => {
    const host = await released();
    host.docker('stop', `${host.service}-db-1`);
    host.commit({
      'compose.yml': webService(host.port, side('').replace('one', 'two')),
      'service.yml': 'health: [{ tcp: "127.0.0.1:1", timeout: 500ms }]\n',
    });
    expect(await host.deploy()).toMatchObject({ status: 'rolled-back', notPutBack: undefined });
    expect(stateOf(host, 'db-1')).toBe('running 0');
    expect(await status(host)).toMatchObject({ health: 'healthy', drift: [] });
  });
});

suite('a new container that ends with 0', () => {
  it('is no job where it publishes a port', async () => {
    const host = await createHost();
    host.commit({
      'compose.yml': `services:\n  web:\n    image: launch-test/app:1\n    restart: "no"\n    ports: ["127.0.0.1:${host.port}:3000"]\n    entrypoint: ["sh", "-c", "sleep 1; exit 0"]\n`,
    });
    const result = await host.deploy({ steadyMs: 3000 });
    expect(result.status).toBe('failed');
    expect(result.failure?.reason).toContain('web-1 ended (exit status 0)');
  });

  it('is a job where nothing comes to it, and stays one', async () => {
    // It ends within the three seconds that everybody gives it.
    const host = await released('    entrypoint: ["sh", "-c", "sleep 1; exit 0"]\n', {
      steadyMs: undefined,
    });
    expect(stateOf(host, 'db-1')).toBe('exited 0');
    expect(await status(host)).toMatchObject({ health: 'healthy', drift: [] });
    expect((await host.deploy()).status).toBe('unchanged');
  });
});
