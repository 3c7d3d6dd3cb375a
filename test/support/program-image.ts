// Programs of this machine as an image, without a registry: each with the libraries it is linked with.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolder } from './repository.ts';

export interface ProgramImage {
  readonly tag: string;
  /** Path in the image, and the program here. */
  readonly programs: Readonly<Record<string, string>>;
  /** Path in the image, and a file or a folder here. */
  readonly files?: Readonly<Record<string, string>>;
  /** Path in the image, and where the link leads. */
  readonly links?: Readonly<Record<string, string>>;
  /** Lines as in a Dockerfile. */
  readonly settings?: readonly string[];
}

export function buildProgramImage({ tag, programs, files, links, settings = [] }: ProgramImage): string {
  const root = temporaryFolder('launch-image-');
  const copy = (from: string, to: string) => {
    const target = join(root, to);
    mkdirSync(dirname(target), { recursive: true });
    cpSync(realpathSync(from), target, { recursive: true });
  };
  for (const [to, from] of Object.entries(programs)) {
    copy(from, to);
    for (const library of librariesOf(from)) copy(library, library);
  }
  for (const [to, from] of Object.entries(files ?? {})) copy(from, to);
  for (const [path, target] of Object.entries(links ?? {})) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    symlinkSync(target, join(root, path));
  }
  mkdirSync(join(root, 'tmp'), { recursive: true, mode: 0o777 });
  const archive = execFileSync('tar', ['--create', '--directory', root, '.'], { maxBuffer: 512 * 1024 ** 2 });
  const changes = [...settings, 'LABEL launch.test=1'].flatMap((it) => ['--change', it]);
  execFileSync('docker', ['import', ...changes, '-', tag], { input: archive, stdio: 'pipe' });
  return tag;
}

function librariesOf(program: string): readonly string[] {
  try {
    const linked = execFileSync('ldd', [program], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return Array.from(linked.matchAll(/(\/\S+) \(0x/g), ([, path = '']) => path);
  } catch {
    // Linked with nothing.
    return [];
  }
}
