import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { createHost, type DeployHost, leftovers, startDeployment, until } from '../../support/deploy-host.ts';
import { deploySuite, useEdge } from '../../support/deploy-suite.ts';
import { startLoad } from '../../support/load.ts';
import { routedCompose, routedFiles, routedSettings } from '../../support/routed-service.ts';

const edge = useEdge();

const suite = deploySuite('caddy');

function commit(host: DeployHost, version: string, strategy: string, replicas: number, hook = ''): void {
  host.commit({
    'compose.yml': routedCompose({ version, replicas }),
    'service.yml': routedSettings(host.service, strategy, hook),
    'warm.sh': { executable: '#!/bin/sh\nsleep 20\n' },
    ...routedFiles(version),
  });
}

const stepOf = (host: DeployHost) => {
  const journal = join(host.folder, 'journal');
  const lines = existsSync(journal) ? readFileSync(journal, 'utf8').trim().split('\n') : [];
  return /"step":"([a-z-]+)"/.exec(lines.at(-1) ?? '')?.[1];
};

suite('a switch that is killed', () => {
  it.each([
    ['blue-green', 'start', 1],
    ['blue-green', 'switch', 1],
    ['rolling', 'switch', 2],
  ] as const)(
    '%s, at %s: the old release serves, and the next run makes no double',
    async (strategy, step, replicas) => {
      const host = await createHost();
      edge.announce(host.stateDir);
      commit(host, 'one', strategy, replicas);
      expect((await host.deploy()).status).toBe('deployed');
      const load = startLoad(edge.port, host.service, 50);
      commit(host, 'two', strategy, replicas, 'hooks: { post-deploy: ./warm.sh }\n');
      const running = startDeployment(host.request());
      await until(`the step ${step}`, () => stepOf(host) === step);
      if (step === 'switch') await new Promise((resolve) => setTimeout(resolve, 800));
      running.child.kill('SIGKILL');
      await running.ended;
      // One of both serves in the meantime.
      expect((await edge.get(host.service, '/version')).text).toMatch(/^(one|two)$/);
      commit(host, 'three', strategy, replicas);
      expect((await host.deploy()).status).toBe('deployed');
      expect((await edge.get(host.service, '/version')).text).toBe('three');
      expect(Object.keys(host.containers())).toHaveLength(replicas);
      expect(leftovers(host.service)).toEqual([]);
      expect(await load.end()).toMatchObject({ failed: 0 });
    },
  );

  it('after it was verified: the new release stays, and the old one goes', async () => {
    const host = await createHost();
    edge.announce(host.stateDir);
    commit(host, 'one', 'blue-green', 1);
    await host.deploy();
    commit(host, 'two', 'blue-green', 1);
    // It holds the old container back until it is killed: a request of its own is under way.
    const slow = Array.from({ length: 40 }, async (_, at) => {
      await new Promise((resolve) => setTimeout(resolve, at * 100));
      return await edge.get(host.service, '/cgi-bin/slow');
    });
    const running = startDeployment(host.request());
    await until('it to be verified', () => stepOf(host) === 'verified');
    running.child.kill('SIGKILL');
    await running.ended;
    expect((await edge.get(host.service, '/version')).text).toBe('two');
    expect((await host.deploy()).status).toBe('unchanged');
    expect(Object.keys(host.containers())).toHaveLength(1);
    expect((await Promise.all(slow)).every(({ status }) => status === 200)).toBe(true);
  });
});

suite('rolling', () => {
  it('goes over container by container under load, and loses nothing', async () => {
    const host = await createHost();
    edge.announce(host.stateDir);
    commit(host, 'one', 'rolling', 3);
    await host.deploy();
    const load = startLoad(edge.port, host.service, 50, 2);
    commit(host, 'two', 'rolling', 3);
    expect(await host.deploy()).toMatchObject({ status: 'deployed', failedProbes: 0 });
    const report = await load.end();
    expect(report).toMatchObject({ failed: 0, versions: ['one', 'two'] });
    expect(Object.keys(host.containers())).toHaveLength(3);
  });

  it('that fails on its way comes back whole', async () => {
    const host = await createHost();
    edge.announce(host.stateDir);
    commit(host, 'one', 'rolling', 2);
    await host.deploy();
    const load = startLoad(edge.port, host.service, 50);
    commit(host, 'two', 'rolling', 2, 'hooks: { post-deploy: ./bad.sh }\n');
    host.commit({ 'bad.sh': { executable: '#!/bin/sh\nexit 1\n' } });
    expect(await host.deploy()).toMatchObject({ status: 'rolled-back' });
    expect((await edge.get(host.service, '/version')).text).toBe('one');
    expect(await load.end()).toMatchObject({ failed: 0 });
    expect(Object.keys(host.containers())).toHaveLength(2);
    expect(leftovers(host.service)).toEqual([]);
  });
});

suite('what can not be there twice', () => {
  it('is refused before anything happens', async () => {
    const host = await createHost();
    commit(host, 'one', 'blue-green', 1);
    await expect(host.deploy()).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('launch edge up'),
    });
    edge.announce(host.stateDir);
    host.commit({
      'compose.yml': routedCompose({ version: 'one', extra: `    ports: ["127.0.0.1:${host.port}:3000"]\n` }),
    });
    await expect(host.deploy()).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/host port .*only one of them can have/),
    });
    expect(host.containers()).toEqual({});
  });
});
