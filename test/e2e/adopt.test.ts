import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { createHost, repositoryName, webHealth, webService } from '../support/deploy-host.ts';
import { deploySuite } from '../support/deploy-suite.ts';
import { launch } from '../support/launch-command.ts';
import { oldProject } from '../support/old-project.ts';
import { temporaryFolder } from '../support/repository.ts';
import { runAction } from '../support/run-action.ts';

deploySuite('node24')('launch adopt, as it ships', () => {
  it('takes over what compose-deploy refuses, and compose-deploy then finds nothing to do', async () => {
    const host = await createHost();
    host.repository.git('remote', 'add', 'origin', `https://github.com/${repositoryName}.git`);
    host.commit({
      'compose.yml': webService(host.port, '    environment: [TOKEN]\n    stop_grace_period: 1s\n').replace(
        'html:ro"]',
        'html:ro", "./data:/data"]',
      ),
      'service.yml': `secrets: [TOKEN]\n${webHealth(host.port)}`,
      'html/index.html': 'by hand',
    });
    const old = oldProject(host, { TOKEN: 'canary-value' });
    old.up();
    const before = host.containers();
    const inputs = { service: host.service, 'state-dir': host.stateDir, secrets: 'TOKEN=canary-value\n' };
    const cwd = host.repository.path;
    const refused = await runAction('compose-deploy', { inputs, cwd });
    expect(refused.exitCode).toBe(1);
    expect(refused.annotations[0]).toMatchObject({
      title: 'CONFIG_INVALID',
      message: expect.stringContaining(`\`launch adopt ${host.service}\``),
    });

    const adopt = async (...args: string[]) =>
      await launch(['adopt', host.service, '--state-dir', host.stateDir, ...args], {
        cwd,
        env: { LAUNCH_SECRETS: 'TOKEN=canary-value\n', DOCKER_HOST: process.env['DOCKER_HOST'] },
      });
    const rehearsed = await adopt('--dry-run');
    expect(rehearsed.exitCode).toBe(0);
    expect(rehearsed.stdout).toContain('rehearsed');
    const adopted = await adopt('--json');
    expect({ exitCode: adopted.exitCode, json: adopted.json() }).toMatchObject({
      exitCode: 0,
      json: {
        status: 'adopted',
        service: host.service,
        project: host.service,
        release: expect.stringMatching(/^\d{8}T/),
        differs: [],
        unchanged: ['web'],
        data: [{ from: join(old.place, 'data') }],
      },
    });
    expect(host.containers()).toEqual(before);
    const again = await adopt();
    expect(again.exitCode).toBe(1);
    expect(again.stderr).toContain('CONFIG_INVALID');

    const deployed = await runAction('compose-deploy', { inputs, cwd });
    expect(deployed.outputs['status']).toBe('unchanged');
    expect(host.containers()).toEqual(before);
    const history = await launch(
      ['history', host.service, '--state-dir', host.stateDir, '--target', 'homelab'],
      { cwd },
    );
    expect(history.stdout).toContain('taken over as it ran');
    for (const { stdout, stderr } of [rehearsed, adopted, again, history]) {
      expect(stdout + stderr).not.toContain('canary');
    }
    expect(readFileSync(join(host.folder, 'current/release.json'), 'utf8')).not.toContain('canary');
  });

  it('explains itself, and refuses what it does not know', async () => {
    const cwd = temporaryFolder();
    const help = await launch(['adopt', '--help'], { cwd });
    expect(help.exitCode).toBe(0);
    expect(help.stdout).toMatch(/--dry-run[\s\S]*--state-dir/);
    expect((await launch(['adopt'], { cwd })).exitCode).toBe(2);
    expect((await launch(['adopt', 'web', '--force'], { cwd })).exitCode).toBe(2);
  });
});
