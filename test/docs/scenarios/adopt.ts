// A machine on which somebody has started the project of `chat` by hand, from the files of a checkout.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { containersOf, removeProjects } from '../../support/deploy-host.ts';
import type { Scenario } from '../../support/documents/execute.ts';
import { createRepository, temporaryFolder } from '../../support/repository.ts';
import { newService } from './host.ts';

export const scenario: Scenario = {
  tools: ['docker', 'compose', 'flock'],
  async prepare() {
    const top = temporaryFolder();
    const chat = await newService('chat');
    const repository = createRepository();
    repository.commit({
      'launch.yml': 'targets:\n  homelab: { runs-on: [self-hosted, homelab] }\n',
      ...chat.files,
    });
    repository.git('remote', 'add', 'origin', 'https://github.com/octo/shop.git');
    repository.git('clone', '--quiet', repository.url, join(top, 'the-repository'));
    const compose = ['compose', '--project-directory', join(top, 'the-repository/services/chat')];
    execFileSync('docker', [...compose, 'up', '--detach'], { stdio: 'pipe' });
    const before = containersOf(chat.project);
    return {
      cwd: top,
      env: { XDG_STATE_HOME: temporaryFolder('launch-state-') },
      check() {
        const after = containersOf(chat.project);
        if (JSON.stringify(after) !== JSON.stringify(before)) throw new Error('the containers are others');
      },
      end: removeProjects,
    };
  },
};
