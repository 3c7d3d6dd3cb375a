// An empty folder on a machine that nobody has deployed to. Files that the reader is told to write are written as soon as
// a command asks for them, as the document shows them; ports, projects and images are those of this engine.
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { alsoRemove, freePort, removeProjects } from '../../support/deploy-host.ts';
import { filesShownIn } from '../../support/documents/document.ts';
import type { Scenario } from '../../support/documents/execute.ts';
import { temporaryFolder } from '../../support/repository.ts';
import { ROOT } from '../../support/source-tree.ts';
import { node24 } from '../../support/tools.ts';

const image = 'launch-test/nginx:1';

export const scenario: Scenario = {
  tools: ['docker', 'compose', 'flock', 'shellcheck'],
  async prepare(document) {
    const [website, notes] = [newProject(), newProject()];
    const ports = { website: await freePort(), notes: await freePort() };
    const written = temporaryFolder('launch-written-');
    for (const [path, text] of Object.entries(filesShownIn(document))) {
      if (!path.startsWith('services/notes/')) continue;
      mkdirSync(dirname(join(written, path)), { recursive: true });
      const here = text.replaceAll('8090', String(ports.notes)).replace('nginx:1.29-alpine', image);
      const named = path.endsWith('compose.yaml') ? `name: ${notes}\n${here}` : here;
      writeFileSync(join(written, path), named);
    }
    const real = `'${node24()}' '${join(ROOT, 'dist/cli/index.js')}'`;
    const launch = `#!/bin/bash
set -euo pipefail
case "$1 \${2-}" in
  'new website')
    ${real} "$@" --port ${ports.website}
    sed -i '1i name: ${website}' services/website/compose.yaml
    ;;
  'deploy website') exec ${real} "$@" --env WEB_IMAGE=${image} ;;
  # This machine may well lack something that other services need.
  'doctor ') ${real} doctor || [[ $? == 1 ]] ;;
  *) exec ${real} "$@" ;;
esac
`;
    const chmod = `#!/bin/bash\ncp -R '${written}/services' . && exec /bin/chmod "$@"\n`;
    return {
      cwd: temporaryFolder('launch-docs-'),
      env: { XDG_STATE_HOME: temporaryFolder('launch-state-') },
      programs: { launch, chmod },
      async check() {
        for (const [name, port] of Object.entries(ports)) {
          const page = await (await fetch(`http://127.0.0.1:${port}/`)).text();
          if (!page.includes(`<h1>${name}</h1>`)) throw new Error(`${name} says: ${page}`);
        }
      },
      end: removeProjects,
    };
  },
};

function newProject(): string {
  const project = `lt-${randomBytes(4).toString('hex')}`;
  alsoRemove(project);
  return project;
}
