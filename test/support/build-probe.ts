// Bundles a few lines of JavaScript as the real build does, for tests of what the build does to packages.
//
// Usage: node test/support/build-probe.ts <folder to write to> <code>
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { bundle } from '../../scripts/build/bundle.ts';
import { compileSources } from '../../scripts/build/compile.ts';

const [folder = '', code = ''] = process.argv.slice(2);
const workshop = compileSources(resolve(import.meta.dirname, '../..'));
try {
  const { files } = await bundle(workshop.folder, code);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "type": "commonjs" }\n');
  for (const [path, content] of files) writeFileSync(join(folder, path), content);
} finally {
  workshop.remove();
}
