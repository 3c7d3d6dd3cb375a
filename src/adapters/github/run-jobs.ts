import * as z from 'zod/mini';
import { LaunchError } from '../../core/errors.ts';
import type { RunJobs } from '../../core/routing/hold-back.ts';
import type { GitHubClient } from './client.ts';

/** A workflow run, and which try of it. */
export interface ThisRun {
  /** owner/name */
  readonly repository: string;
  readonly runId: string;
  readonly attempt: string;
}

const page = z.object({
  jobs: z.array(z.object({ name: z.string(), status: z.string(), conclusion: z.nullish(z.string()) })),
});

/** What does not count as a failure of a job that has ended. */
const fine = ['success', 'skipped', 'neutral'];

/** The jobs of a workflow run, asked of GitHub; needs `actions: read`. */
export function runJobs(client: GitHubClient, run: ThisRun): RunJobs {
  return {
    async list() {
      const path = `repos/${run.repository}/actions/runs/${run.runId}/attempts/${run.attempt}/jobs`;
      const failed: string[] = [];
      const unfinished: string[] = [];
      for await (const body of client.pages(path, { query: { per_page: 100 } })) {
        const parsed = z.safeParse(page, body);
        if (!parsed.success) {
          throw new LaunchError('API_ERROR', 'GitHub answered with something that is no list of jobs.', {
            remedy: 'Check GITHUB_API_URL, then run the failed jobs again.',
            cause: parsed.error,
          });
        }
        for (const job of parsed.data.jobs) {
          if (job.status !== 'completed') unfinished.push(job.name);
          else if (!fine.includes(job.conclusion ?? '')) failed.push(job.name);
        }
      }
      return { failed, unfinished };
    },
  };
}
