import { formatDuration } from '../config/duration.ts';
import { counted } from '../counted.ts';

/** `partial`: something went out, and something else failed. */
export const runStatuses = ['success', 'failure', 'partial', 'cancelled'] as const;
export type RunStatus = (typeof runStatuses)[number];

export type Outcome = 'deployed' | 'taken-back' | 'removed' | 'failed' | 'cancelled';

/** Why a job failed, as it has told GitHub. */
export interface Reason {
  /** A code of docs/errors.md, where it is one of Launch's errors. */
  readonly code?: string | undefined;
  readonly message: string;
}

/** What became of a service on a target. */
export interface ServiceReport {
  readonly service: string;
  readonly target: string;
  readonly outcome: Outcome;
  /** Where the service is reached. */
  readonly url?: string | undefined;
  /** The job, with its log. */
  readonly log?: string | undefined;
  readonly durationMs?: number | undefined;
  readonly reasons: readonly Reason[];
}

/** A job that failed and is no deployment of a service. */
export interface JobReport {
  readonly job: string;
  readonly outcome: 'failed' | 'cancelled';
  readonly log?: string | undefined;
  readonly reasons: readonly Reason[];
}

export interface RunFacts {
  readonly id: string;
  readonly number?: number | undefined;
  readonly attempt: number;
  readonly workflow?: string | undefined;
  readonly event?: string | undefined;
  readonly url?: string | undefined;
}

/** A run as people are told of it: what happened, where, by whom, how long it took, and why it failed. Foreign text all of it. */
export interface RunReport {
  readonly status: RunStatus;
  readonly title: string;
  /** owner/name */
  readonly repository?: string | undefined;
  /** The branch or tag. */
  readonly ref?: string | undefined;
  readonly commit?: string | undefined;
  readonly commitUrl?: string | undefined;
  /** Who caused the run. */
  readonly actor?: string | undefined;
  /** Who ran it again, where that is somebody else. */
  readonly againBy?: string | undefined;
  /** Absent outside of a workflow. */
  readonly run?: RunFacts | undefined;
  readonly durationMs?: number | undefined;
  readonly services: readonly ServiceReport[];
  readonly jobs: readonly JobReport[];
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  /** What is not known, or was left out, as sentences. */
  readonly notes: readonly string[];
  /** When it was made. */
  readonly at: Date;
}

const symbols = { success: '✅', failure: '❌', partial: '⚠️', cancelled: '⏹️' } as const;
const words = {
  success: 'succeeded',
  failure: 'failed',
  partial: 'failed in part',
  cancelled: 'was cancelled',
} as const;

export const outcomeWords: Readonly<Record<Outcome, string>> = {
  deployed: 'deployed',
  'taken-back': 'taken back',
  removed: 'removed',
  failed: 'failed',
  cancelled: 'cancelled',
};

export function isBad({ outcome }: { readonly outcome: Outcome }): boolean {
  return outcome === 'failed' || outcome === 'cancelled';
}

/** `❌ Deploy failed (attempt 2)` */
export function headline(report: RunReport): string {
  const attempt = (report.run?.attempt ?? 1) > 1 ? ` (attempt ${report.run?.attempt})` : '';
  return `${symbols[report.status]} ${report.title} ${words[report.status]}${attempt}`;
}

/** What happened in a sentence; undefined when nothing is known of services. */
export function gist({ services }: RunReport): string | undefined {
  const [first, ...others] = services;
  if (first === undefined) return undefined;
  if (others.length === 0) return `${first.service} on ${first.target}: ${outcomeWords[first.outcome]}.`;
  const outcomes = Object.keys(outcomeWords).flatMap((outcome) => {
    const count = services.filter((it) => it.outcome === outcome).length;
    return count === 0 ? [] : [`${count} ${outcomeWords[outcome as Outcome]}`];
  });
  const targets = new Set(services.map(({ target }) => target)).size;
  return `${outcomes.join(', ')}, on ${counted(targets, 'target')}.`;
}

/** The rows that each message has beside its headline. */
export function rows(
  report: RunReport,
): { readonly name: string; readonly value: string; readonly url?: string }[] {
  const { repository, ref, commit, commitUrl, actor, againBy, durationMs } = report;
  const who = againBy === undefined ? actor : `${actor ?? 'unknown'}, again by ${againBy}`;
  const row = (name: string, value: string | undefined, url?: string) =>
    value === undefined ? [] : [{ name, value, ...(url === undefined ? {} : { url }) }];
  return [
    ...row('Repository', repository),
    ...row('Branch', ref),
    ...row('Commit', commit?.slice(0, 7), commitUrl),
    ...row('By', who),
    ...row('Took', durationMs === undefined ? undefined : formatDuration(durationMs)),
    ...report.facts,
  ];
}

/** What a message shows of many: the bad ones first, at most `limit`; `more` is how many are left out. */
export function shownServices(report: RunReport, limit: number) {
  const bad = report.services.filter(isBad);
  const good = report.services.filter((it) => !isBad(it));
  const shown = [...bad, ...good].slice(0, limit);
  return {
    bad: shown.filter(isBad),
    good: shown.filter((it) => !isBad(it)),
    more: report.services.length - shown.length,
  };
}
