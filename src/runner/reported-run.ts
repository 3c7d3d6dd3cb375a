import type { RunReport } from '../core/notify/run-report.ts';
import { runContext, serverUrl } from './run.ts';

/** An empty variable is as good as none. */
function read(name: string): string | undefined {
  return process.env[name] || undefined;
}

/** What the runner knows of the run that people are to be told of. */
export function reportedRun(
  title: string | undefined,
): Pick<RunReport, 'title' | 'repository' | 'ref' | 'commit' | 'commitUrl' | 'actor' | 'againBy' | 'run'> {
  const { repository, url } = runContext();
  // Who caused the event, apart from who ran it again.
  const actor = read('GITHUB_ACTOR');
  const commit = read('GITHUB_SHA');
  const again = read('GITHUB_TRIGGERING_ACTOR');
  const id = read('GITHUB_RUN_ID');
  return {
    title: title ?? read('GITHUB_WORKFLOW') ?? 'Launch',
    repository,
    ref: read('GITHUB_REF_NAME') ?? read('GITHUB_REF'),
    commit,
    commitUrl:
      repository === undefined || commit === undefined
        ? undefined
        : `${serverUrl()}/${repository}/commit/${commit}`,
    actor,
    againBy: again === actor ? undefined : again,
    ...(id === undefined
      ? {}
      : {
          run: {
            id,
            number: Number(read('GITHUB_RUN_NUMBER')) || undefined,
            attempt: Number(read('GITHUB_RUN_ATTEMPT')) || 1,
            workflow: read('GITHUB_WORKFLOW'),
            event: read('GITHUB_EVENT_NAME'),
            url,
          },
        }),
  };
}

/** The runner of this job, as GitHub lists it beside the job. */
export function runnerName(): string | undefined {
  return read('RUNNER_NAME');
}
