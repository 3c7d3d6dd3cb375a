import pLimit from 'p-limit';
import { counted } from '../../core/counted.ts';
import { reportNeeds, statusOf } from '../../core/notify/assemble-report.ts';
import type { Details } from '../../core/notify/details.ts';
import {
  failedJobs,
  type JobsReport,
  jobsOfThisWorkflow,
  type ListedJob,
  reportJobs,
  unknownEnds,
} from '../../core/notify/jobs.ts';
import { type Annotation, reasonsIn } from '../../core/notify/reasons.ts';
import type { Reason, RunReport, RunStatus } from '../../core/notify/run-report.ts';
import type { Reporter } from '../reporter.ts';

/** GitHub's word on the run that is going on; each may throw. */
export interface RunSource {
  jobs(signal: AbortSignal): Promise<readonly ListedJob[]>;
  annotations(job: number, signal: AbortSignal): Promise<readonly Annotation[]>;
  startedAt(signal: AbortSignal): Promise<Date | undefined>;
}

export interface Gathering {
  /** What is known without asking. */
  readonly known: Pick<
    RunReport,
    'title' | 'repository' | 'ref' | 'commit' | 'commitUrl' | 'actor' | 'againBy' | 'run'
  >;
  /** Default: what `details` say of the jobs before this one. */
  readonly status: RunStatus | undefined;
  readonly details: Details;
  /** undefined: nobody is asked. */
  readonly source: RunSource | undefined;
  /** The runner of this job. */
  readonly runner: string | undefined;
  readonly now: () => Date;
}

const budgetMs = 4000;
const mostReasons = 20;

/** What a run did, in four seconds at most. What can't be asked is left out, and the report says so. */
export async function gatherReport(gathering: Gathering, reporter: Reporter): Promise<RunReport> {
  const { known, status, details, source, now } = gathering;
  const jobs = source === undefined ? undefined : await ask(source, gathering, reporter);
  const found = jobs?.report;
  const at = now();
  const report = { services: found?.services ?? [], jobs: found?.jobs ?? reportNeeds(details.needs) };
  const told = statusOf(status, details.needs, report);
  const facts = Object.entries(details.facts).flatMap(([name, value]) =>
    value === null || value === '' ? [] : [{ name, value: String(value) }],
  );
  const start = jobs?.start;
  return {
    ...known,
    ...chosenCommit(known, details.commit ?? ''),
    ...report,
    status: told,
    facts,
    notes: [...(found?.notes ?? []), ...(jobs?.missing ?? []), ...pointer(told, report)],
    durationMs: start === undefined ? undefined : Math.max(0, at.getTime() - start.getTime()),
    at,
  };
}

/** Another commit than that of the run; its page is beside the other's. */
function chosenCommit({ commitUrl }: Gathering['known'], commit: string): Partial<RunReport> {
  if (commit === '') return {};
  return { commit, commitUrl: commitUrl?.replace(/[^/]*$/, encodeURIComponent(commit)) };
}

function pointer(status: RunStatus, { services, jobs }: Pick<JobsReport, 'services' | 'jobs'>): string[] {
  const isTold = [...services, ...jobs].some(({ reasons }) => reasons.length > 0);
  return status === 'success' || status === 'cancelled' || isTold
    ? []
    : ['The reason is in the log of the run.'];
}

interface Asked {
  readonly report: JobsReport | undefined;
  readonly start: Date | undefined;
  readonly missing: readonly string[];
}

async function ask(source: RunSource, { runner }: Gathering, reporter: Reporter): Promise<Asked> {
  const signal = AbortSignal.timeout(budgetMs);
  const orNothing = async <T>(what: string, answer: Promise<T>): Promise<T | undefined> => {
    try {
      return await answer;
    } catch (error) {
      reporter.info(`GitHub could not be asked ${what}: ${error instanceof Error ? error.message : error}`);
      return undefined;
    }
  };
  const [start, listed] = await Promise.all([
    orNothing('when the run began', source.startedAt(signal)),
    orNothing('for the jobs of the run', source.jobs(signal)),
  ]);
  if (listed === undefined) {
    return { report: undefined, start, missing: ['GitHub could not be asked what became of each service.'] };
  }
  const jobs = jobsOfThisWorkflow(listed, runner);
  const failed = failedJobs(jobs).slice(0, mostReasons);
  const limit = pLimit(5);
  const reasons = new Map<ListedJob, readonly Reason[]>();
  await Promise.all(
    failed.map((job) =>
      limit(async () => {
        if (job.id === undefined) return;
        const annotations = await orNothing(`why "${job.name}" failed`, source.annotations(job.id, signal));
        if (annotations !== undefined) reasons.set(job, reasonsIn(annotations));
      }),
    ),
  );
  const unknown = unknownEnds(jobs, runner);
  const missing = [
    ...(reasons.size < failed.length
      ? ['GitHub could not be asked for all the reasons; the run has them.']
      : []),
    ...(unknown > 0 ? [`GitHub did not know yet how ${counted(unknown, 'job')} ended.`] : []),
  ];
  return { report: reportJobs(jobs, (job) => reasons.get(job) ?? []), start, missing };
}
