// Real git repositories in temporary folders, cut off from the configuration of the machine.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** A file's text or bytes; null removes what is there; a symlink or an executable says so. */
export type FileContent =
  | string
  | Uint8Array
  | null
  | { readonly symlink: string }
  | { readonly executable: string };
export type Files = Readonly<Record<string, FileContent>>;

export interface CloneOptions {
  readonly depth?: number;
  readonly filter?: string;
  /** What is checked out, as actions/checkout does it: exactly this commit or ref, detached. */
  readonly ref?: string;
  readonly noTags?: boolean;
}

export interface Repository {
  readonly path: string;
  /** A file:// URL, so that clones and fetches speak git's protocol. */
  readonly url: string;
  /** Runs git in the repository; gives its output without the last line end. */
  git(...args: string[]): string;
  write(files: Files): void;
  /** Writes `files`, stages everything and commits; gives the commit's id. */
  commit(files?: Files, message?: string): string;
  /** Creates a branch at `from` (default HEAD) and checks it out. */
  branch(name: string, from?: string): void;
  checkout(ref: string): void;
  /** Merges these into the current branch, always with a merge commit; several make an octopus. */
  merge(...refs: string[]): string;
  /** The id a revision means. */
  id(revision?: string): string;
  /** A bare copy that this repository pushes to as `origin`; any commit may be fetched from it, with filters. */
  bareOrigin(): Repository;
  clone(options?: CloneOptions): Repository;
  /** git's own configuration file of the repository, to see that nobody changed it. */
  config(): string;
}

const folders: string[] = [];

/** A temporary folder, removed by `removeRepositories`. */
export function temporaryFolder(name = 'launch-test-'): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), name)));
  folders.push(folder);
  return folder;
}

/** Removes every folder that this module made; for `afterAll`. */
export function removeRepositories(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

let clock = 1_700_000_000;

/** An environment in which git sees nothing of the machine's or the user's configuration. */
export function hermeticGitEnv(): NodeJS.ProcessEnv {
  clock += 60;
  return {
    PATH: process.env['PATH'],
    HOME: '/nonexistent',
    XDG_CONFIG_HOME: '/nonexistent',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_AUTHOR_NAME: 'Ann Author',
    GIT_AUTHOR_EMAIL: 'ann@example.org',
    GIT_AUTHOR_DATE: `${clock} +0000`,
    GIT_COMMITTER_NAME: 'Ann Author',
    GIT_COMMITTER_EMAIL: 'ann@example.org',
    GIT_COMMITTER_DATE: `${clock} +0000`,
    LC_ALL: 'C',
  };
}

/** A new repository without a commit, on the branch `main`. */
export function createRepository(options: { readonly objectFormat?: 'sha1' | 'sha256' } = {}): Repository {
  const path = temporaryFolder();
  run(path, [
    'init',
    '--quiet',
    '--initial-branch=main',
    `--object-format=${options.objectFormat ?? 'sha1'}`,
  ]);
  return open(path);
}

function open(path: string): Repository {
  const git = (...args: string[]): string => run(path, args);
  const repository: Repository = {
    path,
    url: pathToFileURL(path).href,
    git,
    write: (files) => writeFiles(path, files),
    commit(files = {}, message = 'change') {
      writeFiles(path, files);
      git('add', '--all');
      git('commit', '--quiet', '--allow-empty', '--message', message);
      return git('rev-parse', 'HEAD');
    },
    branch: (name, from = 'HEAD') => void git('checkout', '--quiet', '-b', name, from),
    checkout: (ref) => void git('checkout', '--quiet', ref),
    merge(...refs) {
      git('merge', '--quiet', '--no-ff', '--no-edit', ...refs);
      return git('rev-parse', 'HEAD');
    },
    id: (revision = 'HEAD') => git('rev-parse', '--verify', revision),
    bareOrigin() {
      const bare = temporaryFolder();
      run(bare, ['clone', '--quiet', '--bare', '--no-local', repository.url, '.']);
      run(bare, ['config', 'uploadpack.allowFilter', 'true']);
      run(bare, ['config', 'uploadpack.allowAnySHA1InWant', 'true']);
      const origin = open(bare);
      git('remote', 'add', 'origin', origin.url);
      git('fetch', '--quiet', 'origin');
      return origin;
    },
    clone(clone = {}) {
      const target = temporaryFolder();
      const { depth, filter, ref, noTags } = clone;
      const limits = [
        ...(depth === undefined ? [] : [`--depth=${depth}`]),
        ...(filter === undefined ? [] : [`--filter=${filter}`]),
      ];
      if (ref === undefined) {
        run(target, [
          'clone',
          '--quiet',
          ...limits,
          ...(noTags === true ? ['--no-tags'] : []),
          repository.url,
          '.',
        ]);
        return open(target);
      }
      const format = git('rev-parse', '--show-object-format');
      run(target, ['init', '--quiet', '--initial-branch=main', `--object-format=${format}`]);
      run(target, ['remote', 'add', 'origin', repository.url]);
      run(target, ['fetch', '--quiet', '--no-tags', ...limits, 'origin', ref]);
      run(target, ['checkout', '--quiet', '--detach', 'FETCH_HEAD']);
      return open(target);
    },
    config: () => readFileSync(join(path, git('rev-parse', '--git-dir'), 'config'), 'utf8'),
  };
  return repository;
}

function run(cwd: string, args: readonly string[]): string {
  const output = execFileSync('git', ['-c', 'protocol.file.allow=always', ...args], {
    cwd,
    env: hermeticGitEnv(),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
    timeout: 60_000,
  });
  return output.replace(/\n$/, '');
}

function writeFiles(top: string, files: Files): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(top, name);
    rmSync(path, { recursive: true, force: true });
    if (content === null) continue;
    mkdirSync(dirname(path), { recursive: true });
    if (typeof content === 'string' || content instanceof Uint8Array) writeFileSync(path, content);
    else if ('symlink' in content) symlinkSync(content.symlink, path);
    else {
      writeFileSync(path, content.executable);
      chmodSync(path, 0o755);
    }
  }
}

/** For code under test that runs git itself: the same seclusion for this whole test file. */
export function useHermeticGit(): void {
  for (const [name, value] of Object.entries(hermeticGitEnv())) {
    if (name.startsWith('GIT_') || name === 'LC_ALL') process.env[name] = value;
  }
}
