// A server as Kamal leaves it, to which docs/migrating/kamal.md applies: containers that no compose project has made,
// the data of the accessory in the home of the user, and a checkout with the files that the document shows.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { alsoRemove, docker, removeProjects } from '../../support/deploy-host.ts';
import { filesShownIn } from '../../support/documents/document.ts';
import type { Scenario } from '../../support/documents/execute.ts';
import { startEdge } from '../../support/edge.ts';
import { createRepository, temporaryFolder } from '../../support/repository.ts';
import { ROOT } from '../../support/source-tree.ts';
import { node24, toolPath } from '../../support/tools.ts';

export const scenario: Scenario = {
  tools: ['docker', 'compose', 'flock', 'caddy'],
  async prepare(document) {
    const id = `lt-${randomBytes(4).toString('hex')}`;
    alsoRemove(id);
    const home = temporaryFolder('launch-home-');
    const data = join(home, 'shop-db/data');
    mkdirSync(data, { recursive: true });
    writeFileSync(join(data, 'orders'), 'one order\n');
    const ofKamal = (name: string, ...args: string[]) =>
      docker('run', '--detach', '--name', `${id}-${name}`, ...args);
    ofKamal('kamal-proxy', 'launch-test/nginx:1');
    ofKamal('shop-web', '--label', `service=${id}`, 'launch-test/app:1');
    ofKamal('shop-db', '--volume', `${data}:/var/lib/postgresql/data`, 'launch-test/nginx:1');
    const edge = await startEdge();
    const repository = createRepository();
    repository.commit({ ...shownFiles(document, id, home), 'services/shop/README.md': '# shop\n' });
    repository.write({
      'secrets.env':
        'SECRET_KEY_BASE=base-of-keys\nPOSTGRES_PASSWORD=word-of-postgres\nREGISTRY_PASSWORD=none\n',
    });
    return {
      cwd: repository.path,
      env: { HOME: home },
      programs: {
        // Names that this engine shares with other tests, and ports that this machine has for others.
        docker: `#!/usr/bin/env bash
args=("\${@/#kamal-proxy/${id}-kamal-proxy}")
args=("\${args[@]/#shop-db/${id}-shop-db}")
exec '${toolPath('docker')}' "\${args[@]/%service=shop/service=${id}}"
`,
        launch: `#!/usr/bin/env bash
[[ $* != 'edge up' ]] || set -- edge up --admin ${edge.admin} --http-port ${edge.port} --bind 127.0.0.1 --tls off
exec '${node24()}' '${ROOT}/dist/cli/index.js' "$@"
`,
      },
      async check(printed) {
        const { status, text } = await edge.get('shop.example.org', '/health');
        if (status !== 200) throw new Error(`the shop answers ${status}: ${text}`);
        const mounted = docker('exec', `${id}-db-1`, 'cat', '/var/lib/postgresql/data/orders');
        if (mounted !== 'one order' || !existsSync(join(data, 'orders'))) throw new Error('the data is lost');
        if (docker('ps', '--quiet', '--filter', `name=^${id}-(kamal|shop)`) !== '') {
          throw new Error('a container of Kamal runs');
        }
        if (/base-of-keys|word-of-postgres/.test(printed))
          throw new Error(`a secret was printed:\n${printed}`);
      },
      async end() {
        const left = docker('ps', '--all', '--quiet', '--filter', `name=^${id}-(kamal|shop)`).split('\n');
        docker('rm', '--force', ...left);
        removeProjects();
        await edge.stop();
      },
    };
  },
};

/** As the document has them, but for what can't be had here: its registry, its images, its home. */
function shownFiles(document: string, project: string, home: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(filesShownIn(document)).map(([path, text]) => [
      path,
      text
        .replace('name: shop\n', `name: ${project}\n`)
        .replace('ghcr.io/octo/shop:2026-11-20', 'launch-test/app:1')
        .replace('postgres:17', 'launch-test/nginx:1')
        .replace('/home/deploy', home)
        .replace(/^registries:\n.*\n/m, ''),
    ]),
  );
}
