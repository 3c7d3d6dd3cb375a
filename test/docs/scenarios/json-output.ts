// A checkout with one service, `website`, that its own script deploys; nothing was deployed on this machine.
import type { Scenario } from '../../support/documents/execute.ts';
import { createRepository, temporaryFolder } from '../../support/repository.ts';

export const scenario: Scenario = {
  tools: ['flock', 'jq'],
  prepare() {
    const repository = createRepository();
    repository.git('remote', 'add', 'origin', 'https://github.com/octo/shop.git');
    repository.commit({
      'services/website/deploy.sh': { executable: '#!/bin/sh\ntouch running\n' },
      'services/website/service.yml': 'health: [{ command: "test -d .", timeout: 5s, interval: 100ms }]\n',
    });
    return { cwd: repository.path, env: { XDG_STATE_HOME: temporaryFolder('launch-state-') } };
  },
};
