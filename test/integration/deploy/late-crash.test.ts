// Releases that crash after their checks have passed once, and checks whose results are old.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { createHost, type DeployHost, until, webHealth, webService } from '../../support/deploy-host.ts';
import { deploySuite, useEdge } from '../../support/deploy-suite.ts';
import { routedCompose, routedFiles, routedSettings } from '../../support/routed-service.ts';

const edge = useEdge();
const suite = deploySuite('caddy');

const app = (port: number, version: string, crashAfter = '') =>
  `services:\n  web:\n    image: launch-test/app:1\n    ports: ["127.0.0.1:${port}:3000"]\n    environment: { VERSION: "${version}", CRASH_AFTER: "${crashAfter}" }\n`;

suite('a release that crashes after its checks have passed', () => {
  it('is none within the time that `steady` asks for', async () => {
    const host = await createHost();
    const settings = `health: [{ http: "http://127.0.0.1:${host.port}/version", timeout: 10s, interval: 50ms }]\nsteady: 4s\n`;
    host.commit({ 'compose.yml': app(host.port, 'one'), 'service.yml': settings });
    const first = await host.deploy();
    expect(first.status).toBe('deployed');
    expect(first.durationMs).toBeGreaterThan(4000);
    host.commit({ 'compose.yml': app(host.port, 'two', '2') });
    const result = await host.deploy();
    expect(result).toMatchObject({ status: 'rolled-back', notPutBack: undefined });
    expect(result.failure?.reason).toContain('web-1 ended (exit status 1)');
    expect(await host.get('/version')).toBe('one');
  });

  it('is none where a new container without a check crashes beside one that has one', async () => {
    const host = await createHost();
    const side = (crash: string) =>
      `  side:\n    image: launch-test/app:1\n    environment: { CRASH_AFTER: "${crash}" }\n`;
    host.commit({
      'compose.yml': webService(host.port, side('')),
      'service.yml': webHealth(host.port),
      'html/index.html': 'one',
    });
    expect((await host.deploy()).status).toBe('deployed');
    host.commit({ 'compose.yml': webService(host.port, side('2')) });
    // As for everybody: three seconds for such a container, ten for a service without any check.
    const usual = { steadyMs: undefined };
    const result = await host.deploy(usual);
    expect(result).toMatchObject({ status: 'rolled-back', notPutBack: undefined });
    expect(result.failure?.reason).toContain('side-1 ended (exit status 1)');
    // What was left as it is has run long enough.
    host.commit({ 'compose.yml': webService(host.port, side('')), 'html/index.html': 'three' });
    const next = await host.deploy(usual);
    expect(next).toMatchObject({ status: 'deployed', made: [`${host.service}-web-1`] });
    expect(next.durationMs).toBeLessThan(3000);
  });

  it('is none while its post-deploy hook runs, and the old one still serves', async () => {
    const host = await createHost();
    edge.announce(host.stateDir);
    const release = (version: string, crashAfter?: number) =>
      host.commit({
        'compose.yml': routedCompose({ version, ...(crashAfter === undefined ? {} : { crashAfter }) }),
        'service.yml': routedSettings(host.service, 'blue-green', 'hooks: { post-deploy: ./wait.sh }\n'),
        'wait.sh': { executable: `#!/bin/sh\nsleep ${crashAfter === undefined ? 0 : 3}\n` },
        ...routedFiles(version),
      });
    release('one');
    expect((await host.deploy()).status).toBe('deployed');
    release('two', 2);
    const result = await host.deploy();
    expect(result).toMatchObject({ status: 'rolled-back', notPutBack: undefined });
    expect(result.failure?.reason).toMatch(/web-\d+ ended \(exit status 1\), after it had been found well/);
    expect((await edge.get(host.service, '/version')).text).toBe('one');
  });

  it('is none while the old one ends its requests', async () => {
    const host = await createHost();
    edge.announce(host.stateDir);
    const release = (version: string, crashAfter?: number) =>
      host.commit({
        'compose.yml': routedCompose({ version, ...(crashAfter === undefined ? {} : { crashAfter }) }),
        'service.yml': routedSettings(host.service, 'blue-green'),
        ...routedFiles(version),
      });
    release('one');
    expect((await host.deploy()).status).toBe('deployed');
    release('two', 3);
    // It keeps the old one from being removed for nine seconds.
    const slow = edge.get(host.service, '/cgi-bin/slow?9');
    await sleep(200);
    const result = await host.deploy();
    await slow;
    expect(result).toMatchObject({ status: 'rolled-back', notPutBack: undefined });
    expect(result.failure?.reason).toContain('after it had been found well');
    expect((await edge.get(host.service, '/version')).text).toBe('one');
  });
});

suite('a container that the engine calls unhealthy', () => {
  const compose = (port: number, word: string) => `services:
  web:
    image: launch-test/nginx:1
    ports: ["127.0.0.1:${port}:80"]
    healthcheck: { test: ["CMD", "wget", "-qO-", "http://db:3000/health"], interval: 1s, timeout: 3s, retries: 2 }
  db:
    image: launch-test/app:1
    stop_grace_period: 1s
    environment: { WORD: "${word}" }
`;
  const health = (host: DeployHost) =>
    host.docker('inspect', '--format', '{{.State.Health.Status}}', `${host.service}-web-1`);
  const withoutDatabase = async (): Promise<DeployHost> => {
    const host = await createHost();
    host.commit({ 'compose.yml': compose(host.port, 'one') });
    expect(await host.deploy()).toMatchObject({ status: 'deployed', failure: undefined });
    host.docker('stop', `${host.service}-db-1`);
    await until('it is unhealthy', () => health(host) === 'unhealthy');
    return host;
  };

  it('for a peer that was away does not hold up the release that brings the peer back', async () => {
    const host = await withoutDatabase();
    const web = host.containers()['web-1']?.id;
    host.commit({ 'compose.yml': compose(host.port, 'two') });
    const result = await host.deploy();
    expect(result).toMatchObject({ status: 'deployed', failure: undefined });
    expect(host.containers()['web-1']?.id).toBe(web);
  });

  it('fails the release when it still is, and nothing else is made worse', async () => {
    const host = await withoutDatabase();
    host.commit({
      'compose.yml': compose(host.port, 'two').replace('WORD:', 'HEALTHY: "false", WORD:'),
    });
    const result = await host.deploy();
    expect(result.failure?.reason).toContain('web-1 is unhealthy');
    // The release before comes back with its database, and is in order again.
    expect(result).toMatchObject({ status: 'rolled-back', notPutBack: undefined });
    expect(health(host)).not.toBe('starting');
  });
});
