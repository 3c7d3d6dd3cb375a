import { callerName, leafName } from '../job-name.ts';
import type { JobReport, Outcome, Reason, ServiceReport } from './run-report.ts';

/** A job of a workflow run, as GitHub lists it. */
export interface ListedJob {
  readonly id?: number | undefined;
  readonly name: string;
  readonly status: string;
  readonly conclusion?: string | null | undefined;
  readonly html_url?: string | null | undefined;
  readonly started_at?: string | null | undefined;
  readonly completed_at?: string | null | undefined;
  readonly runner_name?: string | null | undefined;
}

/** How the workflows name the jobs that do something to a service on a target. */
const serviceJobs: readonly { readonly name: RegExp; readonly done: Outcome }[] = [
  { name: /^Deploy (?<service>several services|[a-z0-9-]+) to (?<target>[a-z0-9-]+)$/, done: 'deployed' },
  { name: /^Take (?<service>[a-z0-9-]+) on (?<target>[a-z0-9-]+) back$/, done: 'taken-back' },
  {
    name: /^Take (?<service>[a-z0-9-]+) down on (?<target>[a-z0-9-]+)(?: first)?$/,
    done: 'removed',
  },
];

const holdsBack = /^Hold back what depends on a failure/;

export interface JobsReport {
  readonly services: readonly ServiceReport[];
  readonly jobs: readonly JobReport[];
  readonly notes: readonly string[];
}

/**
 * The jobs of the workflow that this job belongs to: a called one has the calling job's name before its own, and the
 * caller may have jobs that are none of Launch's. The job itself is known by its runner, which has one at a time.
 */
export function jobsOfThisWorkflow(
  jobs: readonly ListedJob[],
  runner: string | undefined,
): readonly ListedJob[] {
  const own = ownJob(jobs, runner);
  if (own === undefined) return jobs;
  const caller = callerName(own.name);
  return jobs.filter((job) => callerName(job.name) === caller);
}

function ownJob(jobs: readonly ListedJob[], runner: string | undefined): ListedJob | undefined {
  return jobs.find(
    (job) => job.status === 'in_progress' && runner !== undefined && job.runner_name === runner,
  );
}

/**
 * How many jobs beside this one have no end that GitHub knows of; its list may lag behind a job that has just ended. 0 where it
 * can't be told which one this is.
 */
export function unknownEnds(jobs: readonly ListedJob[], runner: string | undefined): number {
  const own = ownJob(jobs, runner);
  return own === undefined ? 0 : jobs.filter((job) => job !== own && job.status !== 'completed').length;
}

/** Ended without success, in the order in which they are told. */
export function failedJobs(jobs: readonly ListedJob[]): readonly ListedJob[] {
  const failed = jobs.filter((job) => job.status === 'completed' && outcomeOf(job) === 'failed');
  return [
    ...failed.filter((job) => serviceOf(job) !== undefined),
    ...failed.filter((job) => !serviceOf(job)),
  ];
}

export function reportJobs(
  jobs: readonly ListedJob[],
  reasonsOf: (job: ListedJob) => readonly Reason[],
): JobsReport {
  const ended = jobs.filter((job) => job.status === 'completed' && job.conclusion !== 'skipped');
  return {
    services: ended.flatMap((job) => reportService(job, reasonsOf)),
    jobs: ended.flatMap((job) => reportOther(job, reasonsOf)),
    notes: ended.some((job) => holdsBack.test(leafName(job.name)))
      ? ['What depends on a service that failed was held back, and is not in this list.']
      : [],
  };
}

function reportService(job: ListedJob, reasonsOf: (job: ListedJob) => readonly Reason[]): ServiceReport[] {
  const found = serviceOf(job);
  if (found === undefined) return [];
  const outcome = outcomeOf(job) ?? found.done;
  const { service, target } = found;
  const base = { service, target, outcome, log: logOf(job), reasons: reasonsOf(job) };
  return [{ ...base, durationMs: durationOf(job) }];
}

function reportOther(job: ListedJob, reasonsOf: (job: ListedJob) => readonly Reason[]): JobReport[] {
  const outcome = outcomeOf(job);
  if (outcome === undefined || serviceOf(job) !== undefined) return [];
  return [{ job: leafName(job.name), outcome, log: logOf(job), reasons: reasonsOf(job) }];
}

function serviceOf(job: ListedJob) {
  const name = leafName(job.name);
  for (const { name: pattern, done } of serviceJobs) {
    const { service, target } = pattern.exec(name)?.groups ?? {};
    if (service !== undefined && target !== undefined) return { service, target, done };
  }
  return undefined;
}

/** undefined: it did what it had to do. */
function outcomeOf({ conclusion }: ListedJob): 'failed' | 'cancelled' | undefined {
  if (['success', 'skipped', 'neutral'].includes(conclusion ?? '')) return undefined;
  return conclusion === 'cancelled' ? 'cancelled' : 'failed';
}

/** Only a page of the web is linked to. */
function logOf({ html_url: url }: ListedJob): string | undefined {
  return url !== null && url !== undefined && /^https?:\/\/[^\s<>"|]+$/.test(url) ? url : undefined;
}

function durationOf(job: ListedJob): number | undefined {
  const ms = Date.parse(job.completed_at ?? '') - Date.parse(job.started_at ?? '');
  return Number.isFinite(ms) && ms >= 0 ? ms : undefined;
}
