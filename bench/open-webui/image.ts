// The real Open WebUI in a container: its packages as scripts/setup-open-webui.sh has installed them, on this machine's own
// Debian, which is mounted to be read only. There is no registry to get its image from.
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { temporaryFolder } from '../../test/support/repository.ts';
import { toolsFolder } from '../../test/support/tool-path.ts';

export interface WebUiImage {
  readonly tag: string;
  /** What has to be mounted into it, as in a compose file. */
  readonly volumes: readonly string[];
}

export function buildWebUiImage(version: string): WebUiImage {
  execFileSync('bash', [resolve(import.meta.dirname, '../../scripts/setup-open-webui.sh'), version], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const home = join(toolsFolder, `open-webui-${version}`);
  const root = temporaryFolder('launch-open-webui-');
  for (const folder of ['usr', 'etc', 'root', 'tmp', 'var/tmp', 'run', 'app/backend/data']) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  for (const name of ['bin', 'lib', 'lib64', 'sbin']) symlinkSync(`usr/${name}`, join(root, name));
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/bash\n');
  const archive = execFileSync('tar', ['--create', '--directory', root, '.']);
  const tag = `launch-test/open-webui:${version}`;
  // As the project's own image sets them.
  const changes = [
    `ENV PATH=${home}/bin:/usr/bin:/bin`,
    'ENV ENV=prod PORT=8080 DATA_DIR=/app/backend/data',
    'WORKDIR /app/backend',
    'CMD ["open-webui","serve","--host","0.0.0.0","--port","8080"]',
    'LABEL launch.test=1',
  ].flatMap((it) => ['--change', it]);
  execFileSync('docker', ['import', ...changes, '-', tag], { input: archive, stdio: 'pipe' });
  return { tag, volumes: ['/usr:/usr:ro', '/etc/alternatives:/etc/alternatives:ro', `${home}:${home}:ro`] };
}
