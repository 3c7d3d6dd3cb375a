import { expect, it } from '@jest/globals';
import { createHost, type DeployHost, until, webHealth } from '../support/deploy-host.ts';
import { deploySuite } from '../support/deploy-suite.ts';
import { runAction, type StartedAction, startAction } from '../support/run-action.ts';

const action = 'compose-deploy';

/** A web server beside something with data, which may take `grace` to close it and takes all of it. */
function release(host: DeployHost, page: string, grace: string): void {
  host.commit({
    'compose.yml': `services:
  web:
    image: launch-test/nginx:1
    environment: { PAGE: "${page}" }
    ports: ["127.0.0.1:${host.port}:80"]
    volumes: ["./html:/usr/share/nginx/html:ro"]
    stop_grace_period: 1s
  app:
    image: launch-test/nginx:1
    entrypoint: ["sh", "-c", "trap '' TERM; while :; do sleep 1; done"]
    environment: { PAGE: "${page}" }
    volumes: ["./data:/data"]
    stop_grace_period: ${grace}
`,
    'service.yml': webHealth(host.port),
    'html/index.html': page,
  });
}

/** Starts a deployment of a release that never gets healthy, and waits until it is being verified. */
async function hang(host: DeployHost, inputs: Record<string, string>): Promise<StartedAction> {
  host.commit({ 'service.yml': `health: [{ http: "http://127.0.0.1:${host.port}/never", timeout: 60s }]\n` });
  const started = startAction(action, { inputs, cwd: host.repository.path });
  await until('the release to be verified', () => started.log().includes('/never: attempt'));
  return started;
}

deploySuite('node24')('compose-deploy that is cut off', () => {
  it('cancelled with much to undo: hands over within 5 s, and its post step says what became of it', async () => {
    const host = await createHost();
    const inputs = { service: host.service, 'state-dir': host.stateDir };
    release(host, 'good', '1s');
    const good = await runAction(action, { inputs, cwd: host.repository.path });
    expect(good.exitCode).toBe(0);
    release(host, 'bad', '8s');
    const started = await hang(host, inputs);
    const cancelled = performance.now();
    started.kill('SIGINT');
    const result = await started.result;
    expect(performance.now() - cancelled).toBeLessThan(5000);
    expect(result.exitCode).toBe(1);
    expect(result.annotations).toContainEqual(
      expect.objectContaining({
        message: expect.stringMatching(/the guardian \(process \d+\) on this host/),
      }),
    );
    expect(Object.values(result.state).join()).toContain(host.service);
    const post = await runAction(action, {
      inputs,
      cwd: host.repository.path,
      stage: 'post',
      state: result.state,
    });
    expect(post.exitCode).toBe(0);
    expect(post.stdout).toContain('it was taken back, and the release before it serves');
    expect(post.summary).toContain('Taken back');
    expect(await host.get()).toBe('good');
  });

  it('killed: its post step finds that the guardian took it back; after a good end it is silent', async () => {
    const host = await createHost();
    const inputs = {
      service: host.service,
      'state-dir': host.stateDir,
      secrets: 'TOKEN=canary-of-the-state',
    };
    release(host, 'good', '1s');
    const good = await runAction(action, { inputs, cwd: host.repository.path });
    const silent = await runAction(action, { inputs, stage: 'post', state: good.state });
    expect(silent.stdout + silent.summary).toBe('');
    release(host, 'bad', '1s');
    const started = await hang(host, inputs);
    started.kill('SIGKILL');
    const result = await started.result;
    expect(JSON.stringify(result.state)).not.toContain('canary');
    const post = await runAction(action, { inputs, stage: 'post', state: result.state });
    expect(post.stdout).toContain('it was taken back, and the release before it serves');
    expect(await host.get()).toBe('good');
  });
});
