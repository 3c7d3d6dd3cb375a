import type { ThisRun } from '../adapters/github/run-jobs.ts';
import type { RunOrder } from '../core/deploy/supersession.ts';
import type { Trigger } from '../core/deploy/trigger.ts';

/** What GitHub tells of the run; everything is undefined outside of one. */
export interface RunContext {
  /** owner/name */
  readonly repository: string | undefined;
  readonly actor: string | undefined;
  readonly url: string | undefined;
  /** Undefined where the run has no number. */
  readonly order: RunOrder | undefined;
  readonly trigger: Trigger | undefined;
}

/** The run itself, for asking GitHub about other runs of its workflow. */
export interface RunFacts {
  readonly repository: string;
  readonly id: number;
  /** The file of the workflow when it is one of this repository, such as `deploy.yml`. */
  readonly workflow: string | undefined;
  readonly apiUrl: string;
}

/** An empty variable is as good as none. */
function read(name: string): string | undefined {
  return process.env[name] || undefined;
}

export function runContext(): RunContext {
  const repository = read('GITHUB_REPOSITORY');
  const run = read('GITHUB_RUN_ID');
  const attempt = read('GITHUB_RUN_ATTEMPT');
  const server = read('GITHUB_SERVER_URL');
  const event = read('GITHUB_EVENT_NAME');
  const isWhole = server !== undefined && repository !== undefined && run !== undefined;
  const base = isWhole ? `${server}/${repository}/actions/runs/${run}` : undefined;
  return {
    repository,
    // Who runs a job again answers for it, and not who caused the event.
    actor: read('GITHUB_TRIGGERING_ACTOR') ?? read('GITHUB_ACTOR'),
    url: attempt === undefined ? base : base && `${base}/attempts/${attempt}`,
    order: runOrder(),
    trigger: event === undefined ? undefined : { event, commit: read('GITHUB_SHA') },
  };
}

/** How the address of everything of this run begins, whatever the attempt and the job. */
export function runPage(): string | undefined {
  return runContext().url?.replace(/\/attempts\/\d+$/, '');
}

/** Where the log of a job is, by the id that GitHub gives it; without one, where that of the run is. */
export function logUrlOf(job: string | undefined): string | undefined {
  const page = runPage();
  const isKnown = page !== undefined && job !== undefined && /^\d{1,20}$/.test(job);
  return isKnown ? `${page}/job/${job}` : runContext().url;
}

/** Numbers count the runs of one workflow; GITHUB_WORKFLOW_REF names it together with its branch. */
function runOrder(): RunOrder | undefined {
  const run = Number(read('GITHUB_RUN_NUMBER'));
  const [workflow, ref] = [read('GITHUB_WORKFLOW_REF') ?? read('GITHUB_WORKFLOW'), read('GITHUB_REF')];
  if (!Number.isSafeInteger(run) || run < 1 || workflow === undefined || ref === undefined) return undefined;
  return {
    line: `${workflow.replace(/@.*$/, '')}@${ref}`,
    run,
    attempt: Number(read('GITHUB_RUN_ATTEMPT')) || 1,
  };
}

/** For asking GitHub about the jobs of this run; empty texts outside of one, which no server knows. */
export function thisRun(): ThisRun {
  return {
    repository: read('GITHUB_REPOSITORY') ?? '',
    runId: read('GITHUB_RUN_ID') ?? '',
    attempt: read('GITHUB_RUN_ATTEMPT') ?? '1',
  };
}

/** undefined outside of a run. */
export function readRun(): RunFacts | undefined {
  const repository = read('GITHUB_REPOSITORY');
  const id = Number(read('GITHUB_RUN_ID') ?? Number.NaN);
  if (repository === undefined || !/^[\w.-]+\/[\w.-]+$/.test(repository) || !Number.isSafeInteger(id)) {
    return undefined;
  }
  const reference = read('GITHUB_WORKFLOW_REF') ?? '';
  const prefix = `${repository}/.github/workflows/`;
  const file = reference.startsWith(prefix) ? reference.slice(prefix.length).split('@')[0] : undefined;
  return {
    repository,
    id,
    workflow: file !== undefined && /^[^/]+\.ya?ml$/.test(file) ? encodeURIComponent(file) : undefined,
    apiUrl: apiUrl(),
  };
}

export function apiUrl(): string {
  return read('GITHUB_API_URL') ?? 'https://api.github.com';
}

/** The server that the checkout came from; where a job's token is good for. */
export function serverUrl(): string {
  return read('GITHUB_SERVER_URL') ?? 'https://github.com';
}
