import * as z from 'zod/mini';
import type { PushRun, PushRuns } from '../../core/changes/last-success.ts';
import { LaunchError } from '../../core/errors.ts';
import { leafName } from '../../core/job-name.ts';
import type { GitHubClient } from './client.ts';

export interface CurrentRun {
  /** `owner/name` */
  readonly repository: string;
  readonly id: number;
  /** The file of the workflow, such as `deploy.yml`; undefined when it is another repository's. */
  readonly workflow: string | undefined;
}

/** GitHub lists at most 1,000 runs of a branch. */
const pageSize = 100;

const runList = z.object({
  workflow_runs: z.array(
    z.object({
      id: z.number(),
      head_sha: z.string().check(z.regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/)),
      event: z.string(),
      head_branch: z.nullish(z.string()),
      status: z.nullish(z.string()),
      conclusion: z.nullish(z.string()),
      run_started_at: z.nullish(z.string()),
      created_at: z.nullish(z.string()),
    }),
  ),
});
type ListedRun = z.infer<typeof runList>['workflow_runs'][number];

const jobList = z.object({
  jobs: z.array(
    z.object({
      name: z.string(),
      conclusion: z.nullish(z.string()),
      steps: z.nullish(z.array(z.object({ name: z.string(), conclusion: z.nullish(z.string()) }))),
    }),
  ),
});
type Job = z.infer<typeof jobList>['jobs'][number];

/**
 * The push runs of the workflow that is running. The whole conversation takes at most `budget` milliseconds
 * of waiting for GitHub, retries included; what the caller does in between does not count.
 */
export function workflowRuns(client: GitHubClient, current: CurrentRun, budget: number): PushRuns {
  let left = budget;
  const within = async <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    const start = performance.now();
    try {
      return await work(AbortSignal.timeout(Math.max(1, Math.ceil(left))));
    } finally {
      left -= performance.now() - start;
    }
  };
  const repository = `/repos/${current.repository}`;

  return {
    async *pages(branch) {
      const workflow =
        current.workflow ?? (await within((signal) => workflowIdOf(client, repository, current.id, signal)));
      for (let page = 1; ; page += 1) {
        const query = { branch, event: 'push', per_page: pageSize, page };
        const path = `${repository}/actions/workflows/${workflow}/runs`;
        const answer = await within((signal) => client.request('GET', path, { query, signal }));
        const { workflow_runs: runs } = parse(runList, answer, path);
        yield newestFirst(runs)
          // Asked for already; but what an older server ignores must not be taken for a push to this branch.
          .filter((run) => run.event === 'push' && run.id !== current.id)
          .filter((run) => (run.head_branch ?? branch) === branch)
          .map((run) => ({ id: run.id, commit: run.head_sha, state: stateOf(run) }));
        if (runs.length < pageSize) return;
      }
    },

    deployed: (runs) =>
      within(async (signal) => {
        const answers = await Promise.all(
          runs.map(async (run) => {
            const path = `${repository}/actions/runs/${run.id}/jobs`;
            const query = { filter: 'latest', per_page: 100 };
            const answer = await client.request('GET', path, { query, signal });
            return hasDeployed(parse(jobList, answer, path).jobs);
          }),
        );
        return new Set(runs.filter((_, index) => answers[index] === true));
      }),
  };
}

async function workflowIdOf(
  client: GitHubClient,
  repository: string,
  run: number,
  signal: AbortSignal,
): Promise<number> {
  const path = `${repository}/actions/runs/${run}`;
  const answer = await client.request('GET', path, { signal });
  return parse(z.object({ workflow_id: z.number() }), answer, path).workflow_id;
}

/** By the start of the latest attempt: an old run that was run again has deployed later than newer ones. */
function newestFirst(runs: readonly ListedRun[]): ListedRun[] {
  const startOf = (run: ListedRun) => Date.parse(run.run_started_at ?? run.created_at ?? '');
  return [...runs].sort((a, b) => {
    const difference = startOf(b) - startOf(a);
    return Number.isNaN(difference) ? 0 : difference;
  });
}

function stateOf({ status, conclusion }: ListedRun): PushRun['state'] {
  if (status !== 'completed' && (conclusion ?? '') === '') return 'unfinished';
  if (conclusion === 'success') return 'succeeded';
  // Nothing of these runs was executed.
  return conclusion === 'skipped' || conclusion === 'neutral' ? 'skipped' : 'unfinished';
}

/**
 * Whether a successful run deployed. Of a run only its jobs and steps can be seen: when none was skipped, it
 * did all it has to do; otherwise one job or step with "deploy" in its own name must have succeeded. To take
 * a run that deployed for one that did not is harmless, the comparison then reaches back further.
 */
function hasDeployed(jobs: readonly Job[]): boolean {
  if (jobs.every((job) => job.conclusion !== 'skipped')) return true;
  return jobs.some(
    (job) =>
      job.conclusion === 'success' &&
      (isDeploy(leafName(job.name)) ||
        job.steps?.some((step) => step.conclusion === 'success' && isDeploy(step.name)) === true),
  );
}

function isDeploy(name: string): boolean {
  // A run that only takes something down has done what there was to do as well.
  return name === 'Take the service down' || /\bdeploy(?!ed|ment\b)/i.test(name);
}

function parse<S extends z.ZodMiniType>(schema: S, answer: unknown, path: string): z.output<S> {
  const parsed = z.safeParse(schema, answer);
  if (parsed.success) return parsed.data;
  throw new LaunchError('API_ERROR', `GitHub's answer to ${path} is not what it is documented to be.`, {
    remedy: 'Check GITHUB_API_URL; something else than GitHub seems to answer there.',
    cause: parsed.error,
  });
}
