// actions/download-artifact under act, as far as Launch's workflows use it: by name, or by a pattern with one `*` at
// its end, each into a folder of its own.
import { cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const input = (name: string) => process.env[`INPUT_${name.toUpperCase()}`] ?? '';
const fail = (why: string): never => {
  console.log(`::error::${why}`);
  process.exit(1);
};

const [name, pattern] = [input('name'), input('pattern')];
const root = process.env['LAUNCH_TEST_ARTIFACTS'] ?? fail('no LAUNCH_TEST_ARTIFACTS');
const path = input('path') || (process.env['GITHUB_WORKSPACE'] ?? '.');
mkdirSync(path, { recursive: true });
if (name !== '') {
  if (!existsSync(join(root, name)))
    fail(`Unable to download artifact(s): Artifact not found for name: ${name}`);
  cpSync(join(root, name), path, { recursive: true });
} else {
  if (!/^[^*]+\*$/.test(pattern)) fail(`The stand-in does not know the pattern "${pattern}".`);
  const found = readdirSync(root).filter((it) => it.startsWith(pattern.slice(0, -1)));
  for (const it of found) cpSync(join(root, it), join(path, it), { recursive: true });
  console.log(`Total of ${found.length} artifact(s) downloaded`);
}
