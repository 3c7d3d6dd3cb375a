import type { RunnerListing } from '../adapters/github/runners.ts';

export interface RunnersQuestion {
  readonly token: string;
  readonly apiUrl: string;
  /** owner/name */
  readonly repository: string;
}

/** The runners of a repository. What speaks HTTP is loaded only now; a list that takes longer than 5 s is not worth the wait. */
export async function askForRunners({ token, apiUrl, repository }: RunnersQuestion): Promise<RunnerListing> {
  const [{ githubClient }, { listRunners }] = await Promise.all([
    import('../adapters/github/client.ts'),
    import('../adapters/github/runners.ts'),
  ]);
  const client = githubClient({ apiUrl, token, retries: 1 });
  return await listRunners(client, repository, AbortSignal.timeout(5000));
}
