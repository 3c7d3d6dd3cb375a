// The host's own Caddy as an image, without a registry: the program and the libraries it is linked with.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolder } from './repository.ts';
import { toolPath } from './tools.ts';

export const caddyImage = 'launch-test/caddy:1';

export function buildCaddyImage(): string {
  const program = toolPath('caddy') ?? '/usr/bin/caddy';
  const root = temporaryFolder('launch-caddy-');
  const linked = execFileSync('ldd', [program], { encoding: 'utf8' });
  const libraries = Array.from(linked.matchAll(/(\/\S+) \(0x/g), ([, path = '']) => path);
  for (const [from, to] of [[program, '/usr/bin/caddy'], ...libraries.map((path) => [path, path])]) {
    const target = join(root, to ?? '');
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(realpathSync(from ?? ''), target);
  }
  const archive = execFileSync('tar', ['--create', '--directory', root, '.'], { maxBuffer: 256 * 1024 ** 2 });
  const settings = ['ENV PATH=/usr/bin', 'ENV XDG_CONFIG_HOME=/config', 'ENV XDG_DATA_HOME=/data'];
  const changes = [...settings, 'LABEL launch.test=1'].flatMap((it) => ['--change', it]);
  execFileSync('docker', ['import', ...changes, '-', caddyImage], { input: archive, stdio: 'pipe' });
  return caddyImage;
}
