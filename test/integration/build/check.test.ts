// `--check` finds every way in which dist/ can be stale, and builds are the same in another folder.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROOT } from '../../support/source-tree.ts';
import { node24 } from '../../support/tools.ts';

const folder = mkdtempSync(join(tmpdir(), 'launch-copy-'));
const copy = join(folder, 'in', 'some where else');

let right: ReadonlyMap<string, string>;

// dist/ as it was built here, in another folder that is deeper and has a space in its name.
beforeAll(() => {
  mkdirSync(copy, { recursive: true });
  for (const name of ['actions', 'dist', 'scripts', 'schemas', 'src']) {
    cpSync(join(ROOT, name), join(copy, name), { recursive: true });
  }
  for (const name of ['package.json', 'tsconfig.json', 'tsconfig.build.json']) {
    copyFileSync(join(ROOT, name), join(copy, name));
  }
  copyPackages(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  right = digests();
}, 180_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Of every file in `dist/`, with its mode. */
function digests(): ReadonlyMap<string, string> {
  const dist = join(copy, 'dist');
  const files = readdirSync(dist, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
  return new Map(
    paths.map((path) => [
      path,
      `${statSync(path).mode} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`,
    ]),
  );
}

function build(root: string, ...args: readonly string[]) {
  const { status, stderr } = spawnSync(node24(), [join(root, 'scripts/build/main.ts'), ...args], {
    cwd: tmpdir(),
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] },
  });
  return { status, lines: stderr.trim().split('\n') };
}

describe('the build', () => {
  it('makes the same bytes in another folder, and names each file that is not so', () => {
    writeFileSync(join(copy, 'dist/launch.js'), '// edited by hand\n');
    writeFileSync(join(copy, 'dist/left-over.js'), '');
    rmSync(join(copy, 'dist/licenses.txt'));
    chmodSync(join(copy, 'dist/cli/index.js'), 0o644);
    const { status, lines } = build(copy, '--check');
    expect(lines).toEqual([
      'cli/index.js: differs',
      'launch.js: differs',
      'left-over.js: should not be there',
      'licenses.txt: is missing',
      'dist/ is not what the sources make. Run `npm run build` and commit dist/.',
    ]);
    expect(status).toBe(1);
    expect(readdirSync(join(copy, 'dist'))).toContain('left-over.js');
    expect(readdirSync(join(copy, 'build'))).toEqual([]);
  }, 120_000);

  it('mends them', () => {
    expect(build(copy).status).toBe(0);
    expect(digests()).toEqual(right);
  }, 120_000);

  it('refuses to ship an import that leads nowhere', () => {
    writeFileSync(
      join(copy, 'src/actions/main.ts'),
      `export const start = async () => await import(${JSON.stringify('./gone.ts')});\n`,
    );
    const { status, lines } = build(copy);
    expect(status).toBe(1);
    expect(lines.join('\n')).toContain('./gone.js');
  }, 120_000);
});

/** Hard links where the file system can, because there are many files; links to folders would show in the bundle. */
function copyPackages(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) copyPackages(source, target);
    else if (entry.isFile()) {
      try {
        linkSync(source, target);
      } catch {
        cpSync(source, target);
      }
    }
  }
}
