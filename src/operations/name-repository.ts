import { basename } from 'node:path';
import { git } from '../adapters/git/command.ts';
import { quietGit } from '../adapters/snapshot/git.ts';
import { repositoryOf } from '../core/deploy/state-layout.ts';

/** owner/name of the checkout at `top`: from its remote `origin`, else `local/<folder>`. */
export async function nameRepository(top: string): Promise<string> {
  const answer = await git(quietGit(top), ['config', '--get', 'remote.origin.url']);
  return repositoryOf(answer.exitCode === 0 ? answer.stdout : undefined, basename(top));
}
