import { afterAll, expect, it } from '@jest/globals';
import { launch } from '../../support/launch-command.ts';
import { createRepository, removeRepositories, temporaryFolder } from '../../support/repository.ts';
import { requireTools } from '../../support/tools.ts';

afterAll(removeRepositories);

const script = (...lines: string[]) => ({ executable: ['#!/bin/sh', 'set -eu', ...lines, ''].join('\n') });

requireTools('flock', 'node24')('launch --verbose', () => {
  it('shows the commands of a deployment, without the secrets in them, and stdout as before', async () => {
    const repository = createRepository();
    repository.commit({
      'services/web/deploy.sh': script('true'),
      'services/web/service.yml':
        'secrets: [TOKEN]\nhealth: [{ command: "echo s3cret-value", timeout: 5s, interval: 100ms }]\n',
    });
    const run = async (...more: string[]) =>
      await launch(['deploy', 'web', '--state-dir', temporaryFolder(), '--json', ...more], {
        cwd: repository.path,
        env: { LAUNCH_SECRETS: 'TOKEN=s3cret-value' },
      });
    const { stdout, stderr } = await run('-v');
    expect(JSON.parse(stdout).services).toMatchObject([{ status: 'deployed' }]);
    expect(stderr).toMatch(/^\s*\$ git .*cat-file/m);
    expect(stderr).toMatch(/^\s*\$ \.\/deploy\.sh$/m);
    expect(stderr).toMatch(/^\s*\$ echo '?\*\*\*'?$/m);
    expect(stderr).not.toContain('s3cret');
    expect((await run()).stderr).not.toContain('$ ');
  });

  it('shows what the doctor asks', async () => {
    const args = ['doctor', '--state-dir', temporaryFolder(), '-v'];
    const { stderr } = await launch(args, { cwd: temporaryFolder() });
    expect(stderr).toContain('$ git --version');
    expect(stderr).toContain('$ docker compose version --short');
  });
});
