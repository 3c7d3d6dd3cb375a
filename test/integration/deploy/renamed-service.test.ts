import { expect, it } from '@jest/globals';
import { remains } from '../../support/after-a-kill.ts';
import { createHost, type DeployHost, startDeployment } from '../../support/deploy-host.ts';
import { deploySuite } from '../../support/deploy-suite.ts';

const suite = deploySuite();

interface Project {
  readonly services: readonly string[];
  readonly gateway: number;
  readonly fails?: boolean;
}

function commit(host: DeployHost, { services, gateway, fails = false }: Project): void {
  const list = services.map(
    (name) =>
      `  ${name}:\n    image: launch-test/nginx:1\n    stop_grace_period: 0s\n    profiles: ${name === 'tool' ? '[tools]' : '[]'}\n`,
  );
  const subnet = `10.231.${Number.parseInt(host.service.slice(3, 5), 16)}.0/24`;
  host.commit({
    'compose.yml': `services:\n${list.join('')}networks:\n  default:\n    ipam: { config: [{ subnet: ${subnet}, gateway: ${subnet.replace('0/24', `${gateway}`)} }] }\n`,
    'service.yml': `hooks: { post-deploy: ${fails ? './bad.sh' : './good.sh'} }\n`,
    'bad.sh': { executable: '#!/bin/sh\nexit 1\n' },
    'good.sh': { executable: '#!/bin/sh\nexit 0\n' },
  });
}

const before: Project = { services: ['web', 'old'], gateway: 1 };
const after: Project = { services: ['web', 'new'], gateway: 9 };

suite('a service that is renamed while a network changes', () => {
  it('is deployed in one commit', async () => {
    const host = await createHost();
    commit(host, before);
    await host.deploy();
    commit(host, after);
    expect(await host.deploy()).toMatchObject({ status: 'deployed' });
    expect(Object.keys(host.containers()).sort()).toEqual(['new-1', 'web-1']);
  });

  it('comes back whole when the release fails', async () => {
    const host = await createHost();
    commit(host, before);
    await host.deploy();
    commit(host, { ...after, fails: true });
    expect(await host.deploy()).toMatchObject({ status: 'rolled-back', notPutBack: undefined });
    expect(Object.keys(host.containers()).sort()).toEqual(['old-1', 'web-1']);
  });

  it('comes back, or is there, when the deployment is killed once the old container is gone', async () => {
    const host = await createHost();
    commit(host, before);
    await host.deploy();
    commit(host, after);
    const running = startDeployment(host.request(), { killAt: 'DELETE /containers/<id>' });
    await running.ended;
    expect(await host.deploy()).toMatchObject({ status: 'deployed' });
    expect(Object.keys(host.containers()).sort()).toEqual(['new-1', 'web-1']);
    expect(remains(host).filter((it) => !it.endsWith('-new-1 running'))).toEqual([]);
  });

  it('leaves alone what a person has started by a profile', async () => {
    const host = await createHost();
    commit(host, { services: ['web', 'old', 'tool'], gateway: 1 });
    await host.deploy();
    const name = `${host.service}-tool-1`;
    const labels = ['project', 'service', 'oneoff', 'container-number', 'config-hash'].flatMap((label) => {
      const value = { project: host.service, service: 'tool', oneoff: 'False' }[label] ?? '1';
      return ['--label', `com.docker.compose.${label}=${value}`];
    });
    const own = ['--label', `launch.service=${host.service}`, '--label', 'launch.target=homelab'];
    own.push('--label', 'launch.repository=octo/shop');
    host.docker('run', '--detach', '--name', name, ...labels, ...own, 'launch-test/nginx:1');
    commit(host, { services: ['web', 'tool'], gateway: 1 });
    expect(await host.deploy()).toMatchObject({ status: 'deployed', failure: undefined });
    expect(Object.keys(host.containers()).sort()).toEqual(['tool-1', 'web-1']);
  });
});
