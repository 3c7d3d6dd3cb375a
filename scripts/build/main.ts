// Builds dist/: the shared bundle and one small file for each action.
//
// Usage: node scripts/build/main.ts [--check]
//
//   --check   write nothing; exit 1 when dist/ is not what a build would make
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { makeDistFiles } from './dist-files.ts';
import { differences, replaceFolder } from './folder.ts';

const root = resolve(import.meta.dirname, '../..');
const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });

// ncc's own stack would print its code, which is one line of megabytes.
const files = await makeDistFiles(root).catch((error: unknown) => {
  console.error(`The build failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
});
const dist = resolve(root, 'dist');
if (values.check) {
  const found = differences(dist, files);
  for (const difference of found) console.error(difference);
  if (found.length > 0) {
    console.error('dist/ is not what the sources make. Run `npm run build` and commit dist/.');
    process.exitCode = 1;
  }
} else {
  replaceFolder(dist, files);
  const bytes = [...files.values()].reduce((sum, file) => sum + Buffer.byteLength(file.content), 0);
  console.error(`dist/: ${files.size} files, ${(bytes / 1024 / 1024).toFixed(2)} MB`);
}
