import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, it } from '@jest/globals';
import { createHost, until, webHealth, webService } from '../support/deploy-host.ts';
import { deploySuite } from '../support/deploy-suite.ts';
import { runAction, startAction } from '../support/run-action.ts';

const action = 'compose-deploy';

deploySuite('node24')('compose-deploy as a runner runs it', () => {
  // Each project has a network, and an engine has room for some thirty.
  it('deploys, finds nothing to do, and puts the old release back with a red step', async () => {
    const host = await createHost();
    host.commit({
      'compose.yml': webService(host.port, '    environment: [TOKEN]\n'),
      'service.yml': `secrets: [TOKEN]\nurl: http://127.0.0.1:${host.port}\n${webHealth(host.port)}`,
      'html/index.html': 'shipped',
    });
    const inputs = {
      service: host.service,
      'state-dir': host.stateDir,
      secrets: 'TOKEN="canary-value\nsecond canary"\nOTHER=undeclared-canary\n',
    };
    const first = await runAction(action, { inputs, cwd: host.repository.path });
    expect({ exitCode: first.exitCode, annotations: first.annotations }).toEqual({
      exitCode: 0,
      annotations: [],
    });
    expect(first.outputs).toMatchObject({
      status: 'deployed',
      'previous-release': '',
      url: `http://127.0.0.1:${host.port}`,
      release: expect.stringMatching(/^\d{8}T\d{6}Z-[0-9a-f]{7}$/),
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      'duration-ms': expect.stringMatching(/^\d+$/),
    });
    expect(first.masks).toEqual(expect.arrayContaining(['second canary', 'undeclared-canary']));
    expect(first.summary).toContain('Deployed');
    expect(first.summary).toContain(`${host.service}-web-1`);
    // Masks come before anything else, and nothing else names the values.
    const printed = first.stdout.split('\n').filter((line) => !line.startsWith('::add-mask::'));
    expect(printed.join('\n')).not.toContain('canary');
    expect(await host.get()).toBe('shipped');

    const again = await runAction(action, { inputs, cwd: host.repository.path });
    expect(again.outputs).toMatchObject({ status: 'unchanged', release: first.outputs['release'] });

    host.commit({
      'service.yml': 'secrets: [TOKEN]\nhealth: [{ tcp: "127.0.0.1:1", timeout: 300ms }]\n',
      'html/index.html': 'x',
    });
    const broken = await runAction(action, { inputs, cwd: host.repository.path });
    expect(broken.exitCode).toBe(1);
    expect(broken.outputs).toMatchObject({
      status: 'rolled-back',
      'previous-release': first.outputs['release'],
    });
    expect(broken.annotations.map(({ title }) => title)).toContain('DEPLOY_FAILED');
    expect(broken.summary).toContain('Rolled back');
    expect(await host.get()).toBe('shipped');
  });

  it.each([
    ['pull_request', {}],
    ['pull_request_target', {}],
    ['workflow_run', {}],
    ['push', { repository: { fork: true } }],
  ])('deploys nothing for %s %j, whatever the workflow around it allows', async (eventName, event) => {
    const host = await createHost();
    host.commit({ 'compose.yml': webService(host.port), 'html/index.html': 'evil' });
    const inputs = { service: host.service, 'state-dir': host.stateDir, force: 'true' };
    const run = await runAction(action, { inputs, eventName, event, cwd: host.repository.path });
    expect(run.exitCode).toBe(1);
    expect(run.annotations.map(({ title }) => title)).toEqual(['UNTRUSTED_EVENT']);
    await expect(host.get()).rejects.toThrow();
  });

  it('puts the old release back within five seconds when it is cancelled', async () => {
    const host = await createHost();
    host.commit({
      'compose.yml': webService(host.port),
      'service.yml': webHealth(host.port),
      'html/index.html': 'good',
    });
    const inputs = { service: host.service, 'state-dir': host.stateDir };
    await runAction(action, { inputs, cwd: host.repository.path });
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const address = silent.address();
    const port = typeof address === 'object' ? address?.port : 0;
    host.commit({
      'service.yml': `health: [{ http: "http://127.0.0.1:${port}/", timeout: 60s }]\n`,
      'html/index.html': 'never',
    });
    const running = startAction(action, { inputs, cwd: host.repository.path });
    try {
      await until('the new release to start', () => running.log().includes(`${host.service}-web-1 Started`));
      const at = performance.now();
      running.kill('SIGINT');
      const result = await running.result;
      expect(performance.now() - at).toBeLessThan(5000);
      expect(result).toMatchObject({ exitCode: 1, outputs: { status: 'rolled-back' } });
      expect(result.annotations.map(({ title }) => title)).toContain('CANCELLED');
      expect(JSON.stringify(result.annotations)).not.toContain('DEPLOY_FAILED');
      expect(result.summary).toContain('The run was cancelled');
      expect(await host.get()).toBe('good');
    } finally {
      silent.closeAllConnections();
      silent.close();
    }
  });
});
