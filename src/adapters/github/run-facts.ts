import * as z from 'zod/mini';
import type { Annotation } from '../../core/notify/reasons.ts';
import type { GitHubClient } from './client.ts';
import { readAnswer } from './read-answer.ts';
import type { ThisRun } from './run-jobs.ts';

const fault = 'else than it documents';
const attempt = z.object({ run_started_at: z.nullish(z.string()) });

const annotations = z.array(
  z.object({
    annotation_level: z.nullish(z.string()),
    title: z.nullish(z.string()),
    message: z.nullish(z.string()),
  }),
);

/**
 * When this attempt of the run began; needs `actions: read`.
 *
 * @throws LaunchError as the client, or API_ERROR
 */
export async function attemptStart(
  client: GitHubClient,
  run: ThisRun,
  signal: AbortSignal,
): Promise<Date | undefined> {
  const path = `repos/${run.repository}/actions/runs/${run.runId}/attempts/${run.attempt}`;
  const { run_started_at: at } = readAnswer(attempt, await client.request('GET', path, { signal }), {
    fault,
  });
  const date = new Date(at ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/**
 * What a job has to say, its first page; a job's id is that of its check run. Needs `checks: read`.
 *
 * @throws LaunchError as the client, or API_ERROR
 */
export async function jobAnnotations(
  client: GitHubClient,
  repository: string,
  job: number,
  signal: AbortSignal,
): Promise<readonly Annotation[]> {
  const path = `repos/${repository}/check-runs/${job}/annotations`;
  return readAnswer(annotations, await client.request('GET', path, { query: { per_page: 50 }, signal }), {
    fault,
  });
}
