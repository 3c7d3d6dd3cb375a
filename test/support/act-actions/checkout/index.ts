// actions/checkout under act, which checks out by itself only where no `ref` is named. As the real one it fetches one
// commit without its history, by its full id.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const { GITHUB_WORKSPACE: folder = '', GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_SHA = '' } = process.env;

function git(...args: readonly string[]): void {
  execFileSync('git', ['-c', 'advice.detachedHead=false', ...args], { cwd: folder, stdio: 'inherit' });
}

const wanted = process.env['INPUT_REF'] || GITHUB_SHA;
if (!/^[0-9a-f]{40}$/.test(wanted)) {
  console.log(`::error::"${wanted}" is no full id.`);
  process.exit(1);
}
const address = `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}`;
if (!existsSync(join(folder, '.git'))) {
  git('init', '--quiet');
  git('remote', 'add', 'origin', address);
}
git('fetch', '--quiet', '--no-tags', '--depth=1', address, wanted);
git('checkout', '--quiet', '--force', '--detach', wanted);
git('clean', '-ffdxq');
if (process.env['INPUT_SUBMODULES'] !== 'false') git('submodule', 'update', '--init', '--depth=1');
