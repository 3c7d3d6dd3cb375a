import { LaunchError } from '../../core/errors.ts';
import type { EnvironmentState } from '../../core/routing/judge-target.ts';
import type { GitHubClient } from './client.ts';
import { statusOf } from './failure.ts';
import { repositoryPath } from './repository-path.ts';

/**
 * Whether the repository has an environment of that name. To a token that may not see it GitHub says the same as of
 * one that is not there, so who asks has to know that the token may read the repository.
 *
 * @param repository `owner/name`
 */
export async function findEnvironment(
  client: GitHubClient,
  repository: string,
  name: string,
  signal: AbortSignal,
): Promise<EnvironmentState> {
  try {
    const path = `${repositoryPath(repository)}/environments/${encodeURIComponent(name)}`;
    await client.request('GET', path, { signal });
    return 'there';
  } catch (error) {
    if (!(error instanceof LaunchError)) throw error;
    return statusOf(error) === 404 ? 'missing' : undefined;
  }
}

export async function mayReadRepository(
  client: GitHubClient,
  repository: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await client.request('GET', repositoryPath(repository), { signal });
    return true;
  } catch (error) {
    if (error instanceof LaunchError) return false;
    throw error;
  }
}
