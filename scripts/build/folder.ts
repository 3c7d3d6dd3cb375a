import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { DistFile } from './dist-files.ts';

/** How `folder` differs from `files`, one sentence for each file; empty when it is the same byte for byte. */
export function differences(folder: string, files: ReadonlyMap<string, DistFile>): string[] {
  const there = filesIn(folder);
  const extra = there.filter((path) => !files.has(path)).map((path) => `${path}: should not be there`);
  const others = [...files].flatMap(([path, file]) => {
    if (!there.includes(path)) return `${path}: is missing`;
    return differs(join(folder, path), file) ? `${path}: differs` : [];
  });
  return [...extra, ...others].sort();
}

/**
 * Makes `folder` hold exactly `files`. Each file is swapped in whole, those first that others import, and what
 * is the same stays untouched: a program that starts meanwhile finds a bundle that works.
 */
export function replaceFolder(folder: string, files: ReadonlyMap<string, DistFile>): void {
  const changed = [...files].filter(([path, file]) => differs(join(folder, path), file));
  for (const [path, file] of changed.sort(([a], [b]) => importedFirst(a) - importedFirst(b))) {
    const target = join(folder, path);
    const fresh = `${target}.${process.pid}.tmp`;
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(fresh, file.content);
    chmodSync(fresh, file.executable ? 0o755 : 0o644);
    renameSync(fresh, target);
  }
  for (const path of filesIn(folder)) {
    if (files.has(path)) continue;
    rmSync(join(folder, path), { force: true });
    const parent = dirname(join(folder, path));
    if (parent !== folder && readdirSync(parent).length === 0) rmSync(parent, { recursive: true });
  }
}

function importedFirst(path: string): number {
  if (path.endsWith('/index.js')) return 2;
  return path === 'launch.js' ? 1 : 0;
}

function differs(path: string, file: DistFile): boolean {
  if (!existsSync(path)) return true;
  const executable = (statSync(path).mode & 0o100) !== 0;
  return executable !== file.executable || !readFileSync(path).equals(Buffer.from(file.content));
}

function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}
