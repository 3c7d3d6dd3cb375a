import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { deployFailure, isDown } from '../../../src/core/deploy/result.ts';
import { restoreRoutes } from '../../../src/operations/edge/restore-routes.ts';
import { edgeStatus } from '../../../src/operations/edge/status.ts';
import { readStatus } from '../../../src/operations/read-status.ts';
import { remains } from '../../support/after-a-kill.ts';
import { createHost, type DeployHost, startDeployment, until } from '../../support/deploy-host.ts';
import { deploySuite, useEdge } from '../../support/deploy-suite.ts';
import { startLoad } from '../../support/load.ts';
import { recordingReporter } from '../../support/recording-reporter.ts';
import { routedCompose, routedFiles } from '../../support/routed-service.ts';

const edge = useEdge();

const suite = deploySuite('caddy');

type Strategy = 'recreate' | 'rolling' | 'blue-green';

interface Version {
  readonly healthy?: boolean;
  readonly strategy?: Strategy;
  readonly replicas?: number;
  readonly hook?: string;
}

/** Its only check is the container's own. */
function commit(
  host: DeployHost,
  version: string,
  { healthy = true, strategy = 'blue-green', replicas = 1, hook = '' }: Version = {},
): void {
  const check = `["CMD", "${healthy ? 'true' : 'false'}"]`;
  host.commit({
    'compose.yml': routedCompose({
      version,
      replicas,
      extra: `    healthcheck: { test: ${check}, interval: 1s, retries: 1 }\n`,
    }),
    'service.yml': `strategy: ${strategy}\nroute: { host: ${host.service}, port: 3000 }\ndrain: 5s\n${hook}`,
    'bad.sh': { executable: '#!/bin/sh\nexit 1\n' },
    ...routedFiles(version),
  });
}

async function leftBeside(version: Version = {}): Promise<DeployHost> {
  const host = await createHost();
  edge.announce(host.stateDir);
  commit(host, 'one', { ...version, healthy: true, hook: '' });
  expect((await host.deploy()).status).toBe('deployed');
  commit(host, 'two', { healthy: false, ...version });
  const failed = await host.deploy({ rollbackOnFailure: false });
  expect(failed.status).toBe('failed');
  return host;
}

/** The versions that answer. */
async function answering(host: DeployHost): Promise<string[]> {
  const found = new Set<string>();
  for (let count = 0; count < 12; count += 1) found.add((await edge.get(host.service, '/version')).text);
  return [...found].sort();
}

const stepOf = (host: DeployHost) => {
  const journal = join(host.folder, 'journal');
  const lines = existsSync(journal) ? readFileSync(journal, 'utf8').trim().split('\n') : [];
  return /"step":"([a-z-]+)"/.exec(lines.at(-1) ?? '')?.[1];
};

suite('containers that were left beside those that serve', () => {
  it.each(['blue-green', 'rolling'] as const)(
    '%s: it is said that the old ones still serve',
    async (strategy) => {
      const host = await createHost();
      edge.announce(host.stateDir);
      commit(host, 'one', { strategy });
      const first = await host.deploy();
      commit(host, 'two', { healthy: false, strategy });
      const result = await host.deploy({ rollbackOnFailure: false });
      expect(result).toMatchObject({ status: 'failed', previousServes: true, outageMs: 0 });
      expect(isDown(result)).toBe(false);
      expect(deployFailure(result)).toMatchObject({
        code: 'DEPLOY_FAILED',
        message: expect.stringContaining(`(${first.release}) still serves`),
      });
      expect(Object.keys(host.containers())).toHaveLength(2);
      expect(await answering(host)).toEqual(['one']);
    },
  );

  it('never get a request: not by the way back, not by the routes that are set right', async () => {
    const host = await leftBeside();
    const load = startLoad(edge.port, host.service, 50);
    await sleep(200);
    const result = await host.deploy();
    expect(result).toMatchObject({ status: 'rolled-back', notPutBack: undefined, outageMs: 0 });
    expect(await load.end()).toMatchObject({ failed: 0, versions: ['one'] });
    expect(await answering(host)).toEqual(['one']);
    expect(remains(host)).toEqual([]);
  });

  it('are no upstream for `launch edge` and `launch recover`, and no drift of the route', async () => {
    const host = await leftBeside();
    const restore = async () =>
      await restoreRoutes(
        { stateRoot: host.stateDir, env: process.env, by: 'ann', patienceMs: 1000 },
        recordingReporter(),
      );
    await restore();
    expect(await answering(host)).toEqual(['one']);
    await fetch(`http://${edge.admin}/config/apps/http/servers/launch_http/routes`, { method: 'DELETE' });
    await restore();
    expect(await answering(host)).toEqual(['one']);
    const { routes } = await edgeStatus({ stateRoot: host.stateDir, env: process.env });
    expect(routes.find(({ host: name }) => name === host.service)).toMatchObject({ right: true });
    const { plan } = await host.deploy({ dryRun: true, force: true });
    expect(plan?.[0]).toBe(`Container ${host.service}-web-2 goes: a failed release has left it`);
    expect(plan?.filter((line) => line.endsWith(' goes'))).toEqual([`Container ${host.service}-web-1 goes`]);
    const [status] = await readStatus({ stateRoot: host.stateDir, services: [], hostEnv: process.env });
    expect(status).toMatchObject({
      health: 'healthy',
      drift: [expect.stringContaining(`${host.service}-web-2`)],
    });
  });

  it.each(['blue-green', 'rolling', 'recreate'] as const)(
    'are removed before %s starts what comes next',
    async (strategy) => {
      const host = await leftBeside();
      const old = Object.values(host.containers()).map(({ id }) => id);
      commit(host, 'three', { strategy });
      let most = 0;
      const result = await host.deploy({
        beforeEffect: async () => {
          most = Math.max(most, Object.keys(host.containers()).length);
        },
      });
      expect(result.status).toBe('deployed');
      expect(most).toBe(2);
      expect(Object.values(host.containers()).some(({ id }) => old.includes(id))).toBe(false);
      expect(await answering(host)).toEqual(['three']);
      expect(remains(host)).toEqual([]);
    },
  );

  it('go when the release before is deployed once more, which stays as it is', async () => {
    const host = await leftBeside();
    const one = Object.entries(host.containers()).find(([, { env }]) => env.includes('VERSION=one'))?.[1].id;
    commit(host, 'one');
    expect(await host.deploy()).toMatchObject({ status: 'deployed', outageMs: 0 });
    expect(Object.values(host.containers()).map(({ id }) => id)).toEqual([one]);
    expect(await answering(host)).toEqual(['one']);
    expect(remains(host)).toEqual([]);
  });

  it('that have requests already, because a hook failed after the switch, lose them to the old ones', async () => {
    const host = await leftBeside({ healthy: true, hook: 'hooks: { post-deploy: ./bad.sh }\n' });
    expect(await answering(host)).toEqual(['two']);
    const load = startLoad(edge.port, host.service, 50);
    commit(host, 'three', { healthy: false });
    expect(await host.deploy()).toMatchObject({ status: 'rolled-back', notPutBack: undefined });
    expect(await load.end()).toMatchObject({ failed: 0 });
    expect(await answering(host)).toEqual(['one']);
    expect(remains(host)).toEqual([]);
  });

  it('serve on where nothing else is left that could', async () => {
    const host = await leftBeside({ healthy: true, hook: 'hooks: { post-deploy: ./bad.sh }\n' });
    const one = Object.entries(host.containers()).find(([, { env }]) => env.includes('VERSION=one'));
    host.docker('rm', '--force', one?.[1].id ?? '');
    commit(host, 'three');
    expect(await host.deploy()).toMatchObject({ status: 'deployed', outageMs: 0 });
    expect(await answering(host)).toEqual(['three']);
    expect(remains(host)).toEqual([]);
  });

  it.each(['start', 'DELETE /containers/<id>', 'put-back'])(
    'are gone after a deployment was killed at "%s", and the old ones serve',
    async (point) => {
      const host = await leftBeside();
      commit(host, 'three', { healthy: false });
      const isStep = !point.startsWith('DELETE');
      const killAt = isStep ? `journal ${point}` : point;
      const running = startDeployment(host.request(), { killAt });
      await running.ended;
      expect(await answering(host)).toEqual(['one']);
      // Its guardian, or else this one, brings it to an end.
      commit(host, 'four', { healthy: false });
      expect(await host.deploy()).toMatchObject({ status: 'rolled-back', notPutBack: undefined });
      await until('the end', () => stepOf(host) === undefined);
      expect(await answering(host)).toEqual(['one']);
      expect(remains(host)).toEqual([]);
    },
  );
});
