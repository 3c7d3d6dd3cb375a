import { beforeAll, expect, it } from '@jest/globals';
import { freezeService, unfreezeService } from '../../../src/operations/freeze-service.ts';
import { readHistory } from '../../../src/operations/read-history.ts';
import { readStatus, type ServiceStatus } from '../../../src/operations/read-status.ts';
import { silentReporter } from '../../../src/operations/reporter.ts';
import {
  createHost,
  type DeployHost,
  repositoryName,
  webHealth,
  webService,
} from '../../support/deploy-host.ts';
import { deploySuite } from '../../support/deploy-suite.ts';

deploySuite()('what serves on a host', () => {
  let host: DeployHost;
  const ids: string[] = [];
  beforeAll(async () => {
    host = await createHost();
    for (const text of ['one', 'two']) {
      host.commit({
        'compose.yml': webService(host.port, '    restart: unless-stopped\n    stop_grace_period: 1s\n'),
        'service.yml': webHealth(host.port),
        'html/index.html': text,
      });
      ids.push((await host.deploy()).release);
    }
  });

  const status = async (): Promise<ServiceStatus | undefined> => {
    const found = await readStatus({ stateRoot: host.stateDir, services: [], hostEnv: process.env });
    expect(found).toHaveLength(1);
    return found[0];
  };
  const web = () => `${host.service}-web-1`;
  const place = () => ({
    repository: repositoryName,
    service: host.service,
    stateDir: host.stateDir,
    hostEnv: process.env,
  });

  it('is the release, healthy and as it was released', async () => {
    expect(await status()).toMatchObject({
      repository: repositoryName,
      target: 'homelab',
      service: host.service,
      release: ids[1],
      commit: host.repository.id(),
      health: 'healthy',
      drift: [],
      frozen: undefined,
      unfinished: false,
    });
  });

  it('has drifted when a container was stopped or is another one', async () => {
    host.docker('stop', '--time', '1', web());
    expect(await status()).toMatchObject({ health: 'unhealthy', drift: [`${web()} was stopped`] });
    host.docker('start', web());
    host.docker(
      'run',
      '--detach',
      '--network',
      'none',
      '--name',
      `${host.service}-more`,
      ...labels(host.service),
      'launch-test/app:1',
    );
    expect((await status())?.drift).toEqual([`${host.service}-more was not released`]);
    host.docker('rm', '--force', `${host.service}-more`);
    host.docker('rm', '--force', web());
    expect(await status()).toMatchObject({ health: 'unhealthy', drift: [`${web()} is gone`] });
    expect((await host.deploy()).status).toBe('deployed');
    expect((await status())?.drift).toEqual([]);
  });

  it('tells of a rollback, and that it is frozen', async () => {
    await host.rollback({ to: ids[0] });
    const now = await status();
    expect(now).toMatchObject({ restores: ids[0], health: 'healthy', drift: [] });
    expect(now?.frozen?.reason).toContain(`to ${ids[0]}`);
    const history = await readHistory({ ...place(), target: 'homelab' });
    expect(history.deployments[0]).toMatchObject({ restores: ids[0], by: 'ann', status: 'deployed' });
    expect(history.current).toBe(history.deployments[0]?.release);
    expect(history.frozen?.by).toBe('ann');
  });

  it('is frozen and unfrozen by hand', async () => {
    expect((await unfreezeService(place(), silentReporter))?.by).toBe('ann');
    expect(await unfreezeService(place(), silentReporter)).toBeUndefined();
    // What was taken away is deployed again: nobody holds it any more.
    expect((await host.deploy()).status).toBe('deployed');
    expect(await host.get()).toBe('two');

    await freezeService({ ...place(), reason: 'moving house', strict: true, by: 'bob' }, silentReporter);
    host.commit({ 'html/index.html': 'three' });
    await expect(host.deploy()).rejects.toMatchObject({
      code: 'FROZEN',
      message: expect.stringContaining('by bob'),
    });
    expect(await host.get()).toBe('two');
    expect((await host.deploy({ force: true })).status).toBe('deployed');
    expect((await status())?.frozen).toBeUndefined();

    await freezeService({ ...place(), reason: 'as it is', strict: false }, silentReporter);
    host.docker('rm', '--force', web());
    const held = await host.deploy();
    expect(held).toMatchObject({
      status: 'unchanged',
      fault: expect.stringContaining('no container is there'),
    });
    expect(host.warnings.at(-1)).toContain(`--to ${held.release}`);
    expect(held.notices?.at(-1)).toMatch(/not in order: .*no container is there.*launch unfreeze/);
    expect(await status()).toMatchObject({ health: 'unhealthy', detail: 'no container is there' });
    // As the warning says.
    expect(await host.rollback({ to: held.release })).toMatchObject({ status: 'deployed' });
    expect(await host.deploy()).toMatchObject({ status: 'unchanged', fault: undefined });
    host.commit({ 'html/index.html': 'four' });
    expect((await host.deploy()).status).toBe('deployed');
    expect(await host.get()).toBe('four');
  });
});

function labels(project: string): string[] {
  const all = { project, service: 'more', oneoff: 'False' };
  return Object.entries(all).flatMap(([name, value]) => ['--label', `com.docker.compose.${name}=${value}`]);
}
