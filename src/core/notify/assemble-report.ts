import type { NeedResult } from './details.ts';
import type { JobsReport } from './jobs.ts';
import { isBad, type JobReport, type RunStatus } from './run-report.ts';

export type Needs = Readonly<Record<string, NeedResult>>;

/** What the jobs before this one say when nothing better is known. */
export function reportNeeds(needs: Needs): readonly JobReport[] {
  return Object.entries(needs).flatMap(([job, result]): JobReport[] => {
    if (result === 'failure') return [{ job, outcome: 'failed', reasons: [] }];
    return result === 'cancelled' ? [{ job, outcome: 'cancelled', reasons: [] }] : [];
  });
}

/** Without a status that is given, that of the jobs before this one. A failure is one in part where something went out. */
export function statusOf(
  given: RunStatus | undefined,
  needs: Needs,
  { services }: Pick<JobsReport, 'services'>,
): RunStatus {
  const results = Object.values(needs);
  const fallback = results.includes('failure')
    ? 'failure'
    : results.includes('cancelled')
      ? 'cancelled'
      : 'success';
  const status = given ?? fallback;
  return status === 'failure' && services.some((service) => !isBad(service)) ? 'partial' : status;
}
