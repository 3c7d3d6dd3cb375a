// A machine to which docs/migrating/paths-filter-and-ssh.md applies: `~/shop` is the checkout that the old workflow
// pulls, with the files that the document shows, and its containers run.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { alsoRemove, containersOf, freePort, removeProjects } from '../../support/deploy-host.ts';
import { filesShownIn } from '../../support/documents/document.ts';
import type { Scenario } from '../../support/documents/execute.ts';
import { createRepository, hermeticGitEnv, temporaryFolder } from '../../support/repository.ts';

export const scenario: Scenario = {
  tools: ['docker', 'compose', 'flock'],
  async prepare(document) {
    const project = `lt-${randomBytes(4).toString('hex')}`;
    alsoRemove(project);
    const port = String(await freePort());
    // As the document has them, but for what this engine shares with other tests.
    const files = Object.fromEntries(
      Object.entries(filesShownIn(document)).map(([path, text]) => [
        path,
        text
          .replace('name: shop-web', `name: ${project}`)
          .replace('nginx:1.29-alpine', 'launch-test/nginx:1')
          .replaceAll('8080', port),
      ]),
    );
    const origin = createRepository();
    origin.commit({
      ...files,
      '.gitignore': '.env\nuploads\n',
      'services/web/html/index.html': '<h1>shop</h1>\n',
      'services/web/README.md': '# web\n',
      'shared/colours.css': 'body { color: black }\n',
    });
    const home = temporaryFolder('launch-home-');
    const shop = join(home, 'shop');
    execFileSync('git', ['clone', '--quiet', origin.url, shop], { env: hermeticGitEnv() });
    mkdirSync(join(shop, 'services/web/uploads'));
    writeFileSync(join(shop, 'services/web/uploads/cat.txt'), 'a cat\n');
    writeFileSync(join(shop, 'services/web/.env'), 'API_KEY=key-of-the-shop\n');
    execFileSync('docker', ['compose', 'up', '--detach'], { cwd: join(shop, 'services/web'), stdio: 'pipe' });
    const before = JSON.stringify(containersOf(project));
    return {
      cwd: home,
      env: { HOME: home },
      check(printed) {
        if (JSON.stringify(containersOf(project)) !== before) throw new Error('the containers are others');
        if (printed.includes('key-of-the-shop')) throw new Error(`a secret was printed:\n${printed}`);
      },
      end: removeProjects,
    };
  },
};
