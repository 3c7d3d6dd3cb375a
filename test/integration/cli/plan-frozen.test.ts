import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { launch } from '../../support/launch-command.ts';
import { createRepository, removeRepositories, temporaryFolder } from '../../support/repository.ts';
import { runAction } from '../../support/run-action.ts';
import { requireTools } from '../../support/tools.ts';

afterAll(removeRepositories);

requireTools('flock')('the plan of what is frozen', () => {
  const repository = createRepository();
  // Without a name the state folder is found as on a runner.
  const env = { XDG_STATE_HOME: temporaryFolder('launch-xdg-'), GITHUB_REPOSITORY: 'octo/shop' };
  const run = async (...args: string[]) => await launch(args, { cwd: repository.path, env });
  const planned = async (...args: string[]) => (await run('plan', '--json', ...args)).json();
  const only = (verdict: string) => ({
    services: {
      web: { home: { frozen: { reason: 'moving house', by: expect.stringContaining('@'), verdict } } },
    },
  });

  it('says so on the host, who did it and why, and what comes of this commit', async () => {
    repository.git('remote', 'add', 'origin', 'https://github.com/octo/shop.git');
    repository.commit({
      'launch.yml': 'targets: { home: { runs-on: a }, elsewhere: { runs-on: b } }\n',
      'services/web/deploy.sh': { executable: '#!/bin/sh\n' },
      'services/web/service.yml': 'target: home\n',
      'services/other/deploy.sh': { executable: '#!/bin/sh\n' },
      'services/other/service.yml': 'target: elsewhere\n',
    });
    expect((await run('deploy', 'web')).exitCode).toBe(0);
    expect(JSON.stringify(await planned())).not.toContain('frozen');
    await run('freeze', 'web', '--reason', 'moving house');

    expect(await planned()).toMatchObject(only('held'));
    expect(JSON.stringify(await planned('other'))).not.toContain('frozen');
    expect((await run('plan')).stdout).toMatch(
      /^! web on home: frozen by \S+ since \S+: moving house; this commit does not touch it, so nothing is done\.$/m,
    );
    // Another place for state knows nothing of it.
    expect(JSON.stringify(await planned('--state-dir', temporaryFolder()))).not.toContain('frozen');

    repository.write({ 'services/web/deploy.sh': { executable: '#!/bin/sh\necho not committed\n' } });
    expect(await planned()).toMatchObject(only('held'));
    const head = repository.commit({ 'services/web/page': 'touched' });
    expect(await planned()).toMatchObject(only('lifted'));
    expect(await planned('--head', `${head}~1`)).toMatchObject(only('held'));

    const strict = await run('freeze', 'web', '--reason', 'moving house', '--strict');
    expect(strict.exitCode).toBe(0);
    expect(await planned()).toMatchObject(only('refused'));
    expect((await run('deploy', 'web')).stderr).toContain('FROZEN');
  });

  it('says so in a workflow only where the plan is made on the host itself', async () => {
    const cwd = repository.path;
    const here = await runAction('resolve-runner-target', { inputs: { services: 'all' }, cwd, env });
    expect(here.exitCode).toBe(0);
    expect(JSON.parse(here.outputs['plan'] ?? '')).toMatchObject(only('refused'));
    expect(here.summary).toContain('moving house');
    expect(here.annotations.map(({ message }) => message).join()).toContain('moving house');
    const elsewhere = await runAction('resolve-runner-target', {
      inputs: { services: 'all' },
      cwd,
      env: { ...env, XDG_STATE_HOME: join(temporaryFolder(), 'none') },
    });
    expect(elsewhere.exitCode).toBe(0);
    expect(elsewhere.outputs['matrix']).toBe(here.outputs['matrix']);
    expect(elsewhere.outputs['plan']).not.toContain('frozen');
  });

  it('is told by the summary of the deployment that ends it', async () => {
    await run('unfreeze', 'web');
    expect((await run('deploy', 'web')).exitCode).toBe(0);
    await run('freeze', 'web', '--reason', 'moving house');
    repository.commit({ 'services/web/page': 'touched once more' });
    const inputs = { service: 'web', 'state-dir': join(env.XDG_STATE_HOME, 'launch') };
    const deployed = await runAction('compose-deploy', { inputs, cwd: repository.path, env });
    expect(deployed.outputs['status']).toBe('deployed');
    expect(deployed.summary).toMatch(/moving house.*This deployment ends that/);
  });
});
