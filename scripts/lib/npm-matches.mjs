// Exit 0 when node_modules holds exactly what package-lock.json says.
// Plain JavaScript: it runs before anything is installed, on whatever Node there is.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const packagesIn = (path) => JSON.parse(readFileSync(path, 'utf8')).packages;

const root = process.argv[2];
const wanted = packagesIn(join(root, 'package-lock.json'));
const present = packagesIn(join(root, 'node_modules', '.package-lock.json'));

const isAsLocked = ([path, locked]) => {
  const found = present[path];
  // Builds for other platforms are locked but never installed.
  if (found === undefined) return path === '' || locked.optional === true;
  return found.version === locked.version && found.integrity === locked.integrity;
};
const asLocked = Object.entries(wanted).every(isAsLocked);
const nothingElse = Object.keys(present).every((path) => path in wanted);
process.exitCode = asLocked && nothingElse ? 0 : 1;
