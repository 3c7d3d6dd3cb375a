// This checkout itself, with a stand-in for the image that its services pull.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { alsoRemove, freePort, removeProjects } from '../../support/deploy-host.ts';
import type { Scenario } from '../../support/documents/execute.ts';
import { ROOT } from '../../support/source-tree.ts';
import { node24, toolsFolder } from '../../support/tool-path.ts';

export const scenario: Scenario = {
  tools: ['docker', 'compose'],
  async prepare() {
    // `npm run` would install them anew, under the feet of the tests that run beside this one.
    execFileSync(node24(), [join(ROOT, 'scripts/lib/npm-matches.mjs'), ROOT], { stdio: 'pipe' });
    const project = `lt-docs-${process.pid}`;
    alsoRemove(project);
    return {
      cwd: ROOT,
      env: {
        LAUNCH_TOOLS_DIR: toolsFolder,
        COMPOSE_PROJECT_NAME: project,
        TEST_SERVICE_IMAGE: 'launch-test/nginx:1',
        TEST_SERVICE_PORT: String(await freePort()),
      },
      end: removeProjects,
    };
  },
};
