import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

export interface GitFolders {
  /** Of this checkout alone: HEAD and index. */
  readonly gitDir: string;
  /** Shared with the other worktrees: objects, refs, configuration. */
  readonly commonDir: string;
}

/** Where git keeps the repository whose top folder is `top`; `.git` is a file in worktrees and submodules. */
export function gitFolders(top: string): GitFolders {
  const dotGit = join(top, '.git');
  const gitDir = statSync(dotGit).isDirectory()
    ? dotGit
    : resolve(
        top,
        readFileSync(dotGit, 'utf8')
          .replace(/^gitdir: /, '')
          .trimEnd(),
      );
  const common = readIfThere(join(gitDir, 'commondir'));
  return { gitDir, commonDir: common === undefined ? gitDir : resolve(gitDir, common.trimEnd()) };
}

/** The commits at which a shallow clone ends; empty for a whole one. */
export function shallowCommits(commonDir: string): string[] {
  return (readIfThere(join(commonDir, 'shallow')) ?? '').split('\n').filter((line) => line !== '');
}

function readIfThere(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
