import { expect, it } from '@jest/globals';
import { createHost, type DeployHost, webHealth } from '../../support/deploy-host.ts';
import { deploySuite, useEdge } from '../../support/deploy-suite.ts';
import { routedCompose, routedFiles, routedSettings } from '../../support/routed-service.ts';

const edge = useEdge();
const suite = deploySuite('caddy');

/** A release that does not come up any more once its data holds a file `broken-<page>`. */
async function deployPage(host: DeployHost, page: string, health = webHealth(host.port)) {
  const start = `test ! -e /data/broken-${page} || exit 1; exec httpd -f -p 80 -h /www`;
  host.commit({
    'compose.yml': `services:
  web:
    image: launch-test/nginx:1
    command: ["sh", "-c", "${start}"]
    stop_grace_period: 1s
    ports: ["127.0.0.1:${host.port}:80"]
    volumes: ["./www:/www:ro", "./data:/data"]
`,
    'service.yml': health,
    'www/index.html': page,
  });
  return await host.deploy({ rollbackOnFailure: health === webHealth(host.port) });
}

const hopeless = 'health: [{ tcp: "127.0.0.1:1", timeout: 300ms }]\n';

suite('a rollback from what does not serve any more', () => {
  it('leaves a release that crashed and does not come up again', async () => {
    const host = await createHost();
    const first = await deployPage(host, '1');
    const second = await deployPage(host, '2');
    const web = `${host.service}-web-1`;
    host.docker('exec', web, 'touch', '/data/broken-2');
    host.docker('kill', web);
    expect(await host.deploy()).toMatchObject({ status: 'failed' });
    expect(await host.rollback()).toMatchObject({ status: 'deployed', restores: first.release });
    expect(host.log).toContain(`Going back from ${second.release} to ${first.release}.`);
    expect(await host.get()).toBe('1');
  });

  it('puts the last healthy one back where a failed one was left over it, then goes further', async () => {
    const host = await createHost();
    const first = await deployPage(host, '1');
    const second = await deployPage(host, '2');
    for (const page of ['3', '4']) {
      expect(await deployPage(host, page, hopeless)).toMatchObject({ status: 'failed' });
      expect(await host.get()).toBe(page);
    }
    expect(await host.rollback()).toMatchObject({ status: 'deployed', restores: second.release });
    expect(host.log).toContain(`Putting ${second.release} back.`);
    expect(host.log.join('\n')).not.toContain('Going back from');
    expect(await host.get()).toBe('2');
    expect(await host.rollback()).toMatchObject({ status: 'deployed', restores: first.release });
    expect(await host.get()).toBe('1');
  });
});

suite('a deployment of the commit that is live', () => {
  it('starts what has crashed again', async () => {
    const host = await createHost();
    await deployPage(host, '1');
    host.docker('kill', `${host.service}-web-1`);
    expect((await host.deploy()).status).toBe('deployed');
    expect(await host.get()).toBe('1');
  });

  it('starts it again behind the edge proxy, too, and what keeps data beside it', async () => {
    const host = await createHost();
    edge.announce(host.stateDir);
    host.commit({
      'compose.yml': routedCompose({
        version: 'one',
        others: '  db:\n    image: launch-test/app:1\n    stop_grace_period: 1s\n',
      }),
      'service.yml': routedSettings(host.service, 'blue-green', 'stateful: [db]\n'),
      ...routedFiles('one'),
    });
    await host.deploy();
    const { 'web-1': web, 'db-1': db } = host.containers();
    host.docker('kill', web?.id ?? '', db?.id ?? '');
    expect(await host.deploy()).toMatchObject({ status: 'deployed' });
    expect(await edge.get(host.service, '/version')).toMatchObject({ status: 200, text: 'one' });
    expect(host.containers()['db-1']?.id).toBe(db?.id);
    const state = ['inspect', '--format', '{{.State.Status}}', db?.id ?? ''];
    expect(host.docker(...state)).toBe('running');
    expect((await host.deploy()).status).toBe('unchanged');
  });
});
