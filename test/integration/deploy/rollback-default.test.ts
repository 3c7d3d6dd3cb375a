import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { isLocked } from '../../../src/adapters/state/flock.ts';
import {
  createHost,
  type DeployHost,
  startDeployment,
  until,
  webHealth,
  webService,
} from '../../support/deploy-host.ts';
import { deploySuite } from '../../support/deploy-suite.ts';

const suite = deploySuite();

function release(host: DeployHost, page: string, health = webHealth(host.port)): void {
  host.commit({
    'compose.yml': webService(host.port, `    environment: { PAGE: "${page}" }\n    stop_grace_period: 1s\n`),
    'service.yml': health,
    'html/index.html': page,
  });
}

/** A host on which the releases 1, 2 and 3 were deployed one after another. */
async function deployThree(): Promise<{ readonly host: DeployHost; readonly ids: string[] }> {
  const host = await createHost();
  const ids: string[] = [];
  for (const page of ['1', '2', '3']) {
    release(host, page);
    ids.push((await host.deploy()).release);
  }
  return { host, ids };
}

const lockOf = (host: DeployHost) => join(host.folder, 'lock');

async function untilFree(host: DeployHost): Promise<void> {
  const end = Date.now() + 20_000;
  while (await isLocked(lockOf(host), process.env)) {
    if (Date.now() > end) throw new Error('the lock was not freed');
    await sleep(50);
  }
}

const never = (host: DeployHost) =>
  `health: [{ http: "http://127.0.0.1:${host.port}/never", timeout: 60s, interval: 100ms }]\n`;

suite('without a release that is named, a rollback goes', () => {
  it('to the one before what serves, once a guardian has undone a killed deployment', async () => {
    const { host, ids } = await deployThree();
    release(host, '4');
    await startDeployment(host.request(), { killAt: 'journal verified' }).ended;
    await untilFree(host);
    expect(await host.get()).toBe('3');
    const first = await host.rollback();
    expect(first).toMatchObject({ status: 'deployed', restores: ids[1] });
    // Who did not know of the guardian is told how to get what served.
    expect(first.notices?.join()).toMatch(`taken back by itself before this, so ${ids[2]} served`);
    expect(await host.get()).toBe('2');
    const second = await host.rollback();
    expect(second).toMatchObject({ status: 'deployed', restores: ids[0], notices: [] });
    expect(await host.get()).toBe('1');
    await expect(host.rollback()).rejects.toThrow('There is no release before this one');
  });

  it('to the one before what serves, once the next run has undone it and failed by itself', async () => {
    const { host, ids } = await deployThree();
    release(host, '4');
    const point = { killAt: 'journal verified', killGuardian: true, lock: lockOf(host) };
    await startDeployment(host.request(), point).ended;
    release(host, '5', 'health: [{ tcp: "127.0.0.1:1", timeout: 300ms }]\n');
    expect((await host.deploy()).status).toBe('rolled-back');
    expect(await host.get()).toBe('3');
    expect(await host.rollback()).toMatchObject({ status: 'deployed', restores: ids[1] });
    expect(await host.rollback()).toMatchObject({ status: 'deployed', restores: ids[0] });
    expect(await host.get()).toBe('1');
  });

  it('nowhere, where it has itself taken a killed deployment back; the next time one back', async () => {
    const { host, ids } = await deployThree();
    release(host, '4');
    const point = { killAt: 'journal verified', killGuardian: true, lock: lockOf(host) };
    await startDeployment(host.request(), point).ended;
    expect(await host.rollback()).toMatchObject({ status: 'unchanged', release: ids[2] });
    expect(await host.get()).toBe('3');
    expect(await host.rollback()).toMatchObject({ status: 'deployed', restores: ids[1] });
  });

  it('nowhere, where the deployment was undone that was under way when it was asked for', async () => {
    const { host, ids } = await deployThree();
    release(host, '4', never(host));
    const hanging = startDeployment(host.request());
    await until('the release to be verified', () => hanging.output().includes('/never: attempt'));
    const rollback = host.rollback();
    await until('the rollback to wait', () => host.log.join('\n').includes('Waiting for the deployment'));
    hanging.child.kill('SIGKILL');
    await hanging.ended;
    expect(await rollback).toMatchObject({ status: 'unchanged', release: ids[2] });
    expect(await host.get()).toBe('3');
    expect(await host.rollback()).toMatchObject({ status: 'deployed', restores: ids[1] });
    expect(await host.get()).toBe('2');
  });

  it('to what served before, where the deployment that was under way went well', async () => {
    const { host, ids } = await deployThree();
    release(host, '4');
    let go = () => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    let reached = false;
    const deployed = host.deploy({
      beforeEffect: async (effect) => {
        if (effect !== 'journal verified') return;
        reached = true;
        await gate;
      },
    });
    await until('the release to be verified', () => reached);
    const rollback = host.rollback();
    await until('the rollback to wait', () => host.log.join('\n').includes('Waiting for the deployment'));
    go();
    expect((await deployed).status).toBe('deployed');
    expect(await rollback).toMatchObject({ status: 'deployed', restores: ids[2] });
    expect(await host.get()).toBe('3');
  });
});
