import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { closeServers, freePort, httpServer, tcpServer } from '../support/local-server.ts';
import { createRepository, type Files, type Repository, removeRepositories } from '../support/repository.ts';
import { runAction, startAction } from '../support/run-action.ts';

afterEach(closeServers);
afterAll(removeRepositories);

describe('the action health-check', () => {
  it('waits for an answer and says how it went', async () => {
    let requests = 0;
    const { port } = await httpServer((_request, response) =>
      response.writeHead(++requests < 3 ? 503 : 200).end(),
    );
    const run = await runAction('health-check', {
      inputs: { http: `http://127.0.0.1:${port}/`, interval: '50ms' },
    });
    expect(run).toMatchObject({ exitCode: 0, outputs: { healthy: 'true', attempts: '3' } });
    expect(run.outputs['latency-ms']).toMatch(/^\d+$/);
    expect(run.outputs['elapsed-ms']).toMatch(/^\d+$/);
    expect(run.summary).toMatch(/### Healthy/);
  });

  it('fails with the reason, its outputs written', async () => {
    const { port } = await httpServer((_request, response) => response.writeHead(500).end('out of memory'));
    const run = await runAction('health-check', {
      inputs: { http: `http://127.0.0.1:${port}/`, 'expect-status': '2xx', timeout: '1' },
    });
    expect(run).toMatchObject({ exitCode: 1, outputs: { healthy: 'false', 'latency-ms': '' } });
    expect(run.annotations).toEqual([
      expect.objectContaining({
        level: 'error',
        title: 'HEALTH_FAILED',
        message: expect.stringMatching(/status 500 instead of 2xx: "out of memory"/),
      }),
    ]);
    expect(run.summary).toMatch(/### Not healthy/);
  });

  it('masks what it sends, and ends as soon as it knows', async () => {
    const { port } = await httpServer((request, response) => {
      response
        .writeHead(request.headers['x-key'] === 'k3y-of-the-house' ? 403 : 400)
        .end(`bad key ${request.headers['x-key']}`);
    });
    const run = await runAction('health-check', {
      inputs: {
        http: `http://bot:pass-in-url@127.0.0.1:${port}/`,
        headers: 'X-Key: k3y-of-the-house\nAccept: text/html',
        timeout: '300ms',
      },
    });
    expect(run.exitCode).toBe(1);
    expect(run.masks).toEqual(expect.arrayContaining(['k3y-of-the-house', 'pass-in-url']));
    const told =
      run.stdout.replace(/::add-mask::.*/g, '') + run.stderr + run.summary + JSON.stringify(run.outputs);
    expect(told).toMatch(/status 403/);
    expect(told).not.toMatch(/k3y-of|pass-in/);
  });

  it('checks a port, and a command with the step’s environment but none of the action’s own', async () => {
    const server = await tcpServer(() => {});
    expect((await runAction('health-check', { inputs: { tcp: `127.0.0.1:${server.port}` } })).exitCode).toBe(
      0,
    );
    const run = await runAction('health-check', {
      inputs: {
        command: `sh -c 'env | cut -d= -f1 | grep -E "^(COLOUR|INPUT_|ACTIONS_|GITHUB_(OUTPUT|ENV))"; false'`,
        timeout: '200ms',
        headers: '',
      },
      env: { COLOUR: 'blue', ACTIONS_RUNTIME_TOKEN: 'x' },
    });
    expect(run.annotations[0]?.message).toMatch(/: exit status 1: "COLOUR"\./);
  });

  it('runs the checks of a service in its folder', async () => {
    const port = await freePort();
    const shop = repositoryWith({
      'services/api/deploy.sh': { executable: '#!/bin/sh\n' },
      'services/api/health-check.sh': {
        executable: '#!/bin/sh\ntest -f marker && test "$LAUNCH_SERVICE" = api && test "$COLOUR" = red\n',
      },
      'services/api/marker': '',
      'services/api/service.yml': 'env: { COLOUR: red }\n',
      'services/sick/deploy.sh': '',
      'services/sick/service.yml': `health:\n  - { tcp: "127.0.0.1:${port}", timeout: 300ms }\n`,
      'services/bare/deploy.sh': '',
    });
    const check = async (service: string) =>
      await runAction('health-check', { inputs: { service }, cwd: shop.path });
    expect(await check('api')).toMatchObject({ exitCode: 0, outputs: { attempts: '1' } });
    const sick = await check('sick');
    expect(sick.annotations[0]?.message).toMatch(/^"sick" is not healthy: tcp .*refused/);
    expect((await check('bare')).annotations[0]?.message).toMatch(/has nothing to check.*health-check\.sh/);
    expect((await check('apo')).annotations[0]).toMatchObject({
      title: 'SERVICE_NOT_FOUND',
      message: expect.stringMatching(/Did you mean "api"/),
    });
  });

  it.each([
    [{}, /No input says what to check/],
    [{ tcp: 'x:1', http: 'http://x/' }, /Several inputs/],
    [{ tcp: 'x' }, /`tcp` is not host:port/],
    [{ http: 'file:///etc/passwd' }, /`http` is not an http/],
    [{ http: 'http://x/', 'expect-status': 'ok' }, /`expect-status` is not an HTTP status/],
    [
      { http: 'http://x/', 'expect-body': '/(/' },
      /`expect-body` is empty, or not a valid regular expression/,
    ],
    [{ http: 'http://x/', headers: 'no colon' }, /`headers` is no list of headers/],
    [{ tcp: 'x:1', headers: 'a: b' }, /only an http check can use/],
    [{ command: 'a | b' }, /only a shell understands/],
    [{ container: '--help' }, /is not a container name/],
    [{ tcp: 'x:1', timeout: 'soon' }, /`timeout` is "soon"/],
    [{ tcp: 'x:1', successes: '0' }, /`successes` is "0"/],
  ])('explains the inputs %j', async (inputs, message) => {
    const run = await runAction('health-check', { inputs });
    expect(run.exitCode).toBe(1);
    expect(run.annotations).toEqual([
      expect.objectContaining({ title: 'CONFIG_INVALID', message: expect.stringMatching(message) }),
    ]);
  });

  it('ends in order when the job is cancelled', async () => {
    const { port } = await httpServer(() => {});
    const started = startAction('health-check', {
      inputs: { http: `http://127.0.0.1:${port}/`, timeout: '10m' },
    });
    const wait = performance.now();
    // It is cancelled once it hangs in its request; before, there is nothing to end.
    await new Promise((go) => setTimeout(go, 1500));
    started.kill('SIGINT');
    const run = await started.result;
    expect(run).toMatchObject({ exitCode: 1, signal: null });
    expect(run.annotations[0]).toMatchObject({ title: 'CANCELLED' });
    expect(performance.now() - wait).toBeLessThan(20_000);
  });
});

function repositoryWith(content: Files): Repository {
  const repository = createRepository();
  repository.commit(content);
  return repository;
}
