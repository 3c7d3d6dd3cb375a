// The images of the stack, out of this machine's own Node, Caddy, curl and busybox.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildProgramImage } from '../program-image.ts';
import { temporaryFolder } from '../repository.ts';
import { node24, toolPath } from '../tool-path.ts';

/** vLLM, Open WebUI and Caddy: each is started by its own command. */
export const stackImage = 'launch-test/ai-sandbox';

/** Built once for what it is made of: Node alone is 120 MB. @returns the tag */
export function buildStackImage(): string {
  const sources = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.ts'));
  const digest = createHash('sha256').update(process.version);
  for (const name of sources) digest.update(readFileSync(join(import.meta.dirname, name)));
  const tag = `${stackImage}:${digest.digest('hex').slice(0, 12)}`;
  if (spawnSync('docker', ['image', 'inspect', tag], { stdio: 'ignore' }).status === 0) return tag;

  const commands = temporaryFolder('launch-commands-');
  const command = (name: string, file: string) => {
    const path = join(commands, name);
    mkdirSync(commands, { recursive: true });
    writeFileSync(path, `#!/bin/sh\nexec node --disable-warning=ExperimentalWarning ${file} "$@"\n`, {
      mode: 0o755,
    });
    return path;
  };
  const program = (name: string) => {
    const path = toolPath(name);
    if (path === undefined) throw new Error(`there is no ${name}. Run scripts/setup-dev.sh.`);
    return path;
  };
  return buildProgramImage({
    tag,
    programs: {
      '/bin/busybox': program('busybox'),
      '/usr/bin/node': node24(),
      '/usr/bin/caddy': program('caddy'),
      '/usr/bin/curl': program('curl'),
    },
    files: {
      '/app/stand-ins': import.meta.dirname,
      '/usr/bin/vllm': command('vllm', '/app/stand-ins/vllm.ts'),
      '/usr/bin/open-webui': command('open-webui', '/app/stand-ins/open-webui.ts'),
    },
    links: { '/bin/sh': 'busybox', '/bin/wget': 'busybox', '/bin/rm': 'busybox' },
    settings: ['ENV PATH=/usr/bin:/bin', 'CMD ["open-webui"]'],
  });
}
