import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/**
 * ShellCheck itself on `path`, or undefined. The program of the same name that npm puts there is JavaScript
 * which downloads ShellCheck; it is passed over.
 */
export function findShellcheck(path: string): string | undefined {
  return path
    .split(delimiter)
    .filter(isAbsolute)
    .map((folder) => join(folder, 'shellcheck'))
    .find((file) => isProgram(file) && !/\.[cm]?js$/.test(realpathSync(file)));
}

export function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
