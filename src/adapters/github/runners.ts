import * as z from 'zod/mini';
import { LaunchError } from '../../core/errors.ts';
import type { Runner } from '../../core/routing/runner-match.ts';
import type { GitHubClient } from './client.ts';
import { statusOf } from './failure.ts';
import { repositoryPath } from './repository-path.ts';

/** The self-hosted runners that could take a repository's jobs, as far as the token may see them. */
export type RunnerListing =
  | {
      readonly listed: true;
      readonly runners: readonly Runner[];
      /** Why the organisation's runners are not among them; undefined when they are, or there is none. */
      readonly incomplete: string | undefined;
    }
  /** `noToken`: nobody gave one to ask with. */
  | { readonly listed: false; readonly why: string; readonly noToken?: true };

const page = z.object({
  runners: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      busy: z.boolean(),
      labels: z.array(z.object({ name: z.string() })),
    }),
  ),
});

/** @param repository `owner/name` */
export async function listRunners(
  client: GitHubClient,
  repository: string,
  signal?: AbortSignal,
): Promise<RunnerListing> {
  const own = await listAt(client, `${repositoryPath(repository)}/actions/runners`, signal);
  if (own.kind !== 'listed') return { listed: false, why: own.why };
  const [owner = ''] = repository.split('/');
  const shared = await listAt(client, `orgs/${encodeURIComponent(owner)}/actions/runners`, signal);
  return {
    listed: true,
    runners: shared.kind === 'listed' ? [...own.runners, ...shared.runners] : own.runners,
    // An owner that is a person has no such list.
    incomplete: shared.kind === 'refused' && shared.status !== 404 ? shared.why : undefined,
  };
}

type Answer =
  | { readonly kind: 'listed'; readonly runners: readonly Runner[] }
  | { readonly kind: 'refused'; readonly status: number | undefined; readonly why: string };

async function listAt(client: GitHubClient, path: string, signal: AbortSignal | undefined): Promise<Answer> {
  const runners: Runner[] = [];
  try {
    const query = { per_page: 100 };
    for await (const body of client.pages(path, { query, ...(signal === undefined ? {} : { signal }) })) {
      for (const { name, status, busy, labels } of z.parse(page, body).runners) {
        runners.push({ name, online: status === 'online', busy, labels: labels.map((label) => label.name) });
      }
    }
  } catch (error) {
    const why = error instanceof LaunchError ? error.summary : `GitHub's list of runners can't be read.`;
    return { kind: 'refused', status: statusOf(error), why };
  }
  return { kind: 'listed', runners };
}
