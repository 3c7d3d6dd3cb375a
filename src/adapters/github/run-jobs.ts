import * as z from 'zod/mini';
import type { ListedJob } from '../../core/notify/jobs.ts';
import type { RunJobs } from '../../core/routing/hold-back.ts';
import type { GitHubClient } from './client.ts';
import { readAnswer } from './read-answer.ts';

/** A workflow run, and which try of it. */
export interface ThisRun {
  /** owner/name */
  readonly repository: string;
  readonly runId: string;
  readonly attempt: string;
}

const page = z.object({
  jobs: z.array(
    z.object({
      id: z.optional(z.number()),
      name: z.string(),
      status: z.string(),
      conclusion: z.nullish(z.string()),
      html_url: z.nullish(z.string()),
      started_at: z.nullish(z.string()),
      completed_at: z.nullish(z.string()),
      runner_name: z.nullish(z.string()),
    }),
  ),
});

/** What does not count as a failure of a job that has ended. */
const fine = ['success', 'skipped', 'neutral'];

/** The jobs of a workflow run, asked of GitHub; needs `actions: read`. */
export function runJobs(client: GitHubClient, run: ThisRun): RunJobs {
  return {
    async list() {
      const failed: string[] = [];
      const unfinished: string[] = [];
      for (const job of await listJobs(client, run)) {
        if (job.status !== 'completed') unfinished.push(job.name);
        else if (!fine.includes(job.conclusion ?? '')) failed.push(job.name);
      }
      return { failed, unfinished };
    },
  };
}

/**
 * All that GitHub lists of the jobs of a run; needs `actions: read`.
 *
 * @throws LaunchError as the client, or API_ERROR
 */
export async function listJobs(
  client: GitHubClient,
  run: ThisRun,
  signal?: AbortSignal,
): Promise<readonly ListedJob[]> {
  const path = `repos/${run.repository}/actions/runs/${run.runId}/attempts/${run.attempt}/jobs`;
  const jobs: ListedJob[] = [];
  const asking = { query: { per_page: 100 }, ...(signal === undefined ? {} : { signal }) };
  for await (const body of client.pages(path, asking)) {
    const fault = 'that is no list of jobs';
    const remedy = 'Check GITHUB_API_URL, then run the failed jobs again.';
    jobs.push(...readAnswer(page, body, { fault, remedy }).jobs);
  }
  return jobs;
}
