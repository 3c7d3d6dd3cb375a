import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface PackageFile {
  /** From the folder that was asked for. */
  readonly path: string;
  readonly text: string;
}

/** A file that comes with Launch: `dist` and `src` lie beside it. `path` is from the top of Launch. */
export function readPackageFile(path: string): string {
  return readFileSync(inPackage(path), 'utf8');
}

/** The names of the folders in a folder that comes with Launch. */
export function packageFolders(path: string): string[] {
  return readdirSync(inPackage(path), { withFileTypes: true })
    .filter((it) => it.isDirectory())
    .map(({ name }) => name)
    .sort();
}

/** All files below a folder that comes with Launch. */
export function packageFiles(path: string): PackageFile[] {
  const folder = inPackage(path);
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((it) => it.isFile())
    .map((it) => join(it.parentPath, it.name))
    .sort()
    .map((file) => ({ path: file.slice(folder.length + 1), text: readFileSync(file, 'utf8') }));
}

function inPackage(path: string): string {
  const here = import.meta.url;
  const top = here.endsWith('.ts') ? '../../..' : '..';
  return decodeURIComponent(new URL(`${top}/${path}`, here).pathname);
}
