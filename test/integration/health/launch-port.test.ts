// A check that names the port which the host hands out, asked without a deployment.
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { readHealthChecks } from '../../../src/operations/read-health-checks.ts';
import { createHost, repositoryName } from '../../support/deploy-host.ts';
import { removeRepositories, temporaryFolder } from '../../support/repository.ts';
import { requireTools } from '../../support/tools.ts';

afterAll(removeRepositories);

requireTools('flock')('a check that names LAUNCH_PORT', () => {
  it('asks at the port of the release that serves on this host', async () => {
    const host = await createHost();
    host.repository.git('remote', 'add', 'origin', `https://github.com/${repositoryName}.git`);
    const home = temporaryFolder('launch-xdg-');
    symlinkSync(host.stateDir, join(home, 'launch'));
    const script = { executable: '#!/bin/sh\n' };
    host.commit({
      '/launch.yml': 'targets: { homelab: { runs-on: x, port-range: 20000-20000 } }\n',
      'deploy.sh': script,
      'health-check.sh': script,
    });
    await host.deploy();
    host.commit({ 'service.yml': 'health: [{ tcp: "127.0.0.1:${LAUNCH_PORT}" }]\n' });
    const read = async (env: NodeJS.ProcessEnv) =>
      await readHealthChecks({
        cwd: host.repository.path,
        config: undefined,
        service: host.service,
        target: undefined,
        ...{ timing: {}, env: { PATH: process.env['PATH'], ...env } },
      });
    expect((await read({ XDG_STATE_HOME: home }))[0]).toMatchObject({ kind: 'tcp', port: 20_000 });
    await expect(read({ HOME: join(home, 'none') })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});
