import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { freezeService } from '../../../src/operations/freeze-service.ts';
import { readStatus, type ServiceStatus } from '../../../src/operations/read-status.ts';
import { silentReporter } from '../../../src/operations/reporter.ts';
import { createHost, type DeployHost, repositoryName } from '../../support/deploy-host.ts';
import { removeRepositories, temporaryFolder, useHermeticGit } from '../../support/repository.ts';
import { requireTools } from '../../support/tools.ts';

useHermeticGit();
afterAll(removeRepositories);

const script = (...lines: string[]) => ({ executable: ['#!/bin/sh', 'set -eu', ...lines, ''].join('\n') });

requireTools('flock')('the status of a service without containers', () => {
  const look = async (host: DeployHost): Promise<ServiceStatus | undefined> =>
    (await readStatus({ stateRoot: host.stateDir, services: [], hostEnv: process.env }))[0];

  it('is what its health-check.sh says now, with the variables of its release', async () => {
    const flag = join(temporaryFolder(), 'well');
    writeFileSync(flag, '');
    const host = await createHost({
      'deploy.sh': script('true'),
      'service.yml': `env: { FLAG: "${flag}" }\n`,
      'health-check.sh': script('test -e "$FLAG" || { echo "no $LAUNCH_SERVICE"; exit 3; }'),
    });
    await host.deploy();
    expect(await look(host)).toMatchObject({ health: 'healthy', detail: '' });
    rmSync(flag);
    expect(await look(host)).toMatchObject({
      health: 'unhealthy',
      detail: expect.stringContaining(`no ${host.service}`),
    });
  });

  it('is not known where the script misses a secret, or there is no check', async () => {
    const host = await createHost({
      'deploy.sh': script('true'),
      'service.yml': 'secrets: [TOKEN]\n',
      'health-check.sh': script('test "${TOKEN:-}" = s3cret-value'),
    });
    await host.deploy({ secrets: new Map([['TOKEN', 's3cret-value']]) });
    expect(await look(host)).toMatchObject({
      health: 'unknown',
      detail: expect.stringContaining('without TOKEN'),
    });
    const bare = await createHost({ 'deploy.sh': script('true') });
    await bare.deploy();
    expect(await look(bare)).toMatchObject({
      health: 'unknown',
      detail: expect.stringContaining('no check'),
    });
  });

  it('is told by a deployment that a freeze holds, which has the secrets', async () => {
    const flag = join(temporaryFolder(), 'well');
    writeFileSync(flag, '');
    const host = await createHost({
      'deploy.sh': script('true'),
      'service.yml': `env: { FLAG: "${flag}" }\nsecrets: [TOKEN]\n`,
      'health-check.sh': script(
        'test "${TOKEN:-}" = s3cret-value',
        'test -e "$FLAG" || { echo "no $TOKEN"; exit 3; }',
      ),
    });
    const secrets = new Map([['TOKEN', 's3cret-value']]);
    await host.deploy({ secrets });
    const place = { repository: repositoryName, service: host.service, stateDir: host.stateDir };
    await freezeService({ ...place, hostEnv: process.env, reason: 'moving', strict: false }, silentReporter);
    expect(await host.deploy({ secrets })).toMatchObject({ status: 'unchanged', fault: undefined });
    rmSync(flag);
    const held = await host.deploy({ secrets, timeoutMs: 500 });
    expect(held).toMatchObject({
      status: 'unchanged',
      fault: expect.stringMatching(/exit status 3.*no \*\*\*/),
    });
  });

  it('is given up after some seconds where the script hangs', async () => {
    const flag = join(temporaryFolder(), 'hangs');
    const host = await createHost({
      'deploy.sh': script('true'),
      'health-check.sh': script(`test ! -e "${flag}" || sleep 60`),
    });
    await host.deploy();
    writeFileSync(flag, '');
    const started = performance.now();
    expect((await look(host))?.health).toBe('unhealthy');
    expect(performance.now() - started).toBeLessThan(20_000);
  }, 40_000);
});
