// actions/upload-artifact under act, as far as Launch's workflows use it: one file, into a folder of the test.
import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';

const input = (name: string) => process.env[`INPUT_${name.toUpperCase()}`] ?? '';
const fail = (why: string): never => {
  console.log(`::error::${why}`);
  process.exit(1);
};

const [name, path] = [input('name'), input('path')];
// The characters that GitHub refuses.
if (/["<>:|*?\r\n\\/]/.test(name)) fail(`The artifact name is not valid: ${name}.`);
if (!/^[1-9]\d?$/.test(input('retention-days') || '1')) fail('retention-days is not 1 to 90.');
if (!existsSync(path)) {
  if (input('if-no-files-found') === 'error') fail(`No files were found with the provided path: ${path}.`);
  process.exit(0);
}
const folder = join(process.env['LAUNCH_TEST_ARTIFACTS'] ?? fail('no LAUNCH_TEST_ARTIFACTS'), name);
if (existsSync(folder)) {
  if (input('overwrite') !== 'true') fail('(409) Conflict: an artifact with this name already exists.');
  rmSync(folder, { recursive: true });
}
mkdirSync(folder, { recursive: true });
copyFileSync(path, join(folder, basename(path)));
console.log(`Artifact ${name} has been successfully uploaded!`);
