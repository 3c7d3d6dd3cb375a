import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A repository made for the demonstration; commits are made as nobody in particular, signed by no key. */
export interface DemoRepository {
  readonly path: string;
  /** Writes files (scripts executable) and commits them. */
  commit(message: string, files: Readonly<Record<string, string>>): string;
}

export function createRepository(path: string): DemoRepository {
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', path, '-c', 'user.name=Demo', '-c', 'user.email=demo@localhost', ...args], {
      encoding: 'utf8',
      env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
    });
  mkdirSync(path, { recursive: true });
  git('init', '--quiet', '--initial-branch=main');
  return {
    path,
    commit(message, files) {
      for (const [name, content] of Object.entries(files)) {
        const file = join(path, name);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, content);
        chmodSync(file, name.endsWith('.sh') ? 0o755 : 0o644);
      }
      git('add', '--all');
      git('commit', '--quiet', '-m', message);
      return git('rev-parse', '--short', 'HEAD').trim();
    },
  };
}
