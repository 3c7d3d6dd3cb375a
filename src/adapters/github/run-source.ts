import type { ListedJob } from '../../core/notify/jobs.ts';
import type { Annotation } from '../../core/notify/reasons.ts';
import { nameServiceAnswers } from '../http/name-service.ts';
import { type GitHubClient, githubClient } from './client.ts';
import { fetchThroughProxy } from './proxied-fetch.ts';
import { attemptStart, jobAnnotations } from './run-facts.ts';
import { listJobs, type ThisRun } from './run-jobs.ts';

export interface RunSourceOptions {
  readonly apiUrl: string;
  readonly token: string;
  readonly run: ThisRun;
}

/** What GitHub knows of a run, for a step that has little time: every question is tried twice at most. */
export function runSource({ apiUrl, token, run }: RunSourceOptions) {
  let opened: Promise<GitHubClient> | undefined;
  const client = async (signal: AbortSignal) => {
    opened ??= open(signal);
    return await opened;
  };
  const open = async (signal: AbortSignal) => {
    // A proxy looks names up itself.
    const isDirect = (await fetchThroughProxy()) === undefined;
    if (isDirect && !(await nameServiceAnswers(new URL(apiUrl).hostname, { signal }))) {
      throw new Error('no name server answers');
    }
    return githubClient({ apiUrl, token, retries: 1, longestWait: 1000 });
  };
  return {
    jobs: async (signal: AbortSignal): Promise<readonly ListedJob[]> =>
      await listJobs(await client(signal), run, signal),
    annotations: async (job: number, signal: AbortSignal): Promise<readonly Annotation[]> =>
      await jobAnnotations(await client(signal), run.repository, job, signal),
    startedAt: async (signal: AbortSignal): Promise<Date | undefined> =>
      await attemptStart(await client(signal), run, signal),
  };
}
