import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { remains } from '../../support/after-a-kill.ts';
import { createHost, type DeployHost } from '../../support/deploy-host.ts';
import { deploySuite, useEdge } from '../../support/deploy-suite.ts';
import { startLoad } from '../../support/load.ts';
import { routedCompose, routedFiles, routedSettings } from '../../support/routed-service.ts';

const edge = useEdge();

const suite = deploySuite('caddy');

interface Fault {
  readonly bootSeconds?: number;
  readonly crashAfter?: number;
  readonly hooks?: string;
  readonly health?: string;
}

/** What is wrong with the new release, and what is said of it. */
const faults: readonly (readonly [string, Fault, RegExp])[] = [
  ['never gets healthy', { bootSeconds: 60, health: 'timeout: 1500ms, interval: 50ms' }, /version.*404/],
  ['crashes after 2 s, without any health check', { crashAfter: 2, health: '' }, /ended \(exit status 1\)/],
  ['fails in its post-deploy hook', { hooks: 'hooks: { post-deploy: ./no.sh }\n' }, /Hook post-deploy/],
];

/** Seconds from the start of the old release until it is ready. */
const bootSeconds = 1;

suite('a new release that is no good, behind the edge proxy', () => {
  const commit = (host: DeployHost, strategy: string, replicas: number, version: string, fault: Fault) => {
    const settings = routedSettings(host.service, strategy, fault.hooks);
    const timing = 'timeout: 10s, interval: 50ms';
    host.commit({
      'compose.yml': routedCompose({ version, replicas, bootSeconds, ...fault }),
      'service.yml':
        fault.health === ''
          ? settings.replace(/^health:.*\n/m, '')
          : settings.replace(timing, fault.health ?? timing),
      'no.sh': { executable: '#!/bin/sh\nexit 1\n' },
      ...routedFiles(version),
    });
  };

  for (const [strategy, replicas] of [
    ['blue-green', 1],
    ['rolling', 2],
  ] as const) {
    // Both go the same way until they switch.
    it.each(strategy === 'rolling' ? faults.slice(-1) : faults)(
      `${strategy}: %s; the old one serves throughout`,
      async (_name, fault, reason) => {
        const host = await createHost();
        edge.announce(host.stateDir);
        commit(host, strategy, replicas, 'one', {});
        expect((await host.deploy()).status).toBe('deployed');
        const load = startLoad(edge.port, host.service, 100, 2);
        await sleep(300);
        commit(host, strategy, replicas, 'two', fault);
        const result = await host.deploy({ steadyMs: 4000 });
        await sleep(300);
        const report = await load.end();
        expect(result).toMatchObject({
          status: 'rolled-back',
          outageMs: 0,
          failedProbes: 0,
          notPutBack: undefined,
        });
        expect(result.failure?.reason).toMatch(reason);
        expect(report).toMatchObject({ failed: 0, faults: {} });
        // With a hook that fails after the switch the new one has served for a moment, in good health.
        expect(report.versions).toEqual(fault.hooks === undefined ? ['one'] : ['one', 'two']);
        expect((await edge.get(host.service, '/version')).text).toBe('one');
        expect(remains(host, replicas)).toEqual([]);
      },
    );
  }
});

suite('a new release that is no good, in place of the old one', () => {
  const commit = (host: DeployHost, version: string, fault: Fault) => {
    const timing = fault.health ?? 'timeout: 10s, interval: 50ms';
    const url = `http://127.0.0.1:${host.port}/version`;
    host.commit({
      'compose.yml': routedCompose({
        ...{ version, bootSeconds, extra: `    ports: ["127.0.0.1:${host.port}:3000"]\n` },
        ...fault,
      }),
      'service.yml': `${timing === '' ? '' : `health: [{ http: "${url}", ${timing} }]\n`}${fault.hooks ?? ''}`,
      'no.sh': { executable: '#!/bin/sh\nexit 1\n' },
      ...routedFiles(version),
    });
  };

  it.each(faults)(
    '%s: the old one serves again within its own start and 2 s',
    async (_name, fault, reason) => {
      const host = await createHost();
      commit(host, 'one', {});
      expect((await host.deploy()).status).toBe('deployed');
      commit(host, 'two', fault);
      let failedAt = Number.NaN;
      let servedAt = Number.NaN;
      const deploying = host.deploy({
        steadyMs: 4000,
        beforeEffect: async (effect) => {
          if (effect === 'journal put-back') failedAt = Date.now();
        },
      });
      while (Number.isNaN(servedAt)) {
        const isBack = !Number.isNaN(failedAt) && (await host.get('/version').catch(() => '')) === 'one';
        if (isBack) servedAt = Date.now();
        await sleep(20);
      }
      expect(servedAt - failedAt).toBeLessThan(bootSeconds * 1000 + 2000);
      const result = await deploying;
      expect(result).toMatchObject({ status: 'rolled-back', notPutBack: undefined });
      expect(result.failure?.reason).toMatch(reason);
      expect(await host.get('/version')).toBe('one');
      expect(remains(host)).toEqual([]);
    },
  );

  it('fails in its pre-deploy hook: nothing was touched', async () => {
    const host = await createHost();
    commit(host, 'one', {});
    await host.deploy();
    const before = host.containers();
    commit(host, 'two', { hooks: 'hooks: { pre-deploy: ./no.sh }\n' });
    await expect(host.deploy()).rejects.toMatchObject({ code: 'DEPLOY_FAILED' });
    expect(host.containers()).toEqual(before);
    expect(await host.get('/version')).toBe('one');
    expect(remains(host)).toEqual([]);
  });
});
