import type { RunnerListing } from '../../adapters/github/runners.ts';
import { locateProject } from '../locate-project.ts';
import { nameRepository } from '../name-repository.ts';

/**
 * How the runners of the checkout's repository can be listed with the token of a terminal, or why not, as a sentence.
 */
export async function runnersOf(
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<(() => Promise<RunnerListing>) | string> {
  const token = env['GITHUB_TOKEN'] || env['GH_TOKEN'];
  if (token === undefined || token === '') return 'neither GITHUB_TOKEN nor GH_TOKEN is set.';
  const repository = await nameRepository(locateProject(cwd).top);
  if (repository.startsWith('local/')) return 'the checkout has no remote `origin`.';
  const apiUrl = env['GITHUB_API_URL'] || 'https://api.github.com';
  const { askForRunners } = await import('../ask-for-runners.ts');
  return () => askForRunners({ token, apiUrl, repository });
}
