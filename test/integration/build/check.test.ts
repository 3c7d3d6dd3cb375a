// `--check` finds every way in which dist/ can be stale, and builds are the same in another folder.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROOT } from '../../support/source-tree.ts';
import { node24 } from '../../support/tools.ts';

const folder = mkdtempSync(join(tmpdir(), 'launch-copy-'));
const copy = join(folder, 'in', 'some where else');

// Built in one folder, then moved to another that is deeper and has a space in its name.
beforeAll(() => {
  const first = join(folder, 'first');
  mkdirSync(first);
  for (const name of ['actions', 'scripts', 'schemas', 'src']) {
    cpSync(join(ROOT, name), join(first, name), { recursive: true });
  }
  for (const name of ['package.json', 'tsconfig.json', 'tsconfig.build.json']) {
    copyFileSync(join(ROOT, name), join(first, name));
  }
  copyPackages(join(ROOT, 'node_modules'), join(first, 'node_modules'));
  expect(build(first)).toMatchObject({ status: 0 });
  mkdirSync(join(folder, 'in'));
  renameSync(first, copy);
}, 180_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

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
    const { status, lines } = build(copy, '--check');
    expect({ status, lines }).toEqual({ status: 0, lines: [''] });
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
