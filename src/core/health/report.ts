import { formatDuration } from '../config/duration.ts';
import { LaunchError } from '../errors.ts';
import { code, plain, table } from '../markdown.ts';

/** How one check ended. Texts are for people: bounded, escaped and without secrets. */
export type CheckOutcome = {
  readonly label: string;
  readonly attempts: number;
  readonly elapsedMs: number;
  /** How long the last attempt that succeeded took; undefined when none did. */
  readonly latencyMs: number | undefined;
} & (
  | { readonly outcome: 'healthy' }
  | { readonly outcome: 'unhealthy'; readonly why: string; readonly reasons: readonly FailureCount[] }
  /** Another check had failed before this one knew. */
  | { readonly outcome: 'abandoned'; readonly reasons: readonly FailureCount[] }
);

/** A reason and how often it was met, in the order of their first appearance. */
export interface FailureCount {
  readonly reason: string;
  readonly count: number;
}

export interface HealthReport {
  readonly healthy: boolean;
  /** Of all checks together. */
  readonly attempts: number;
  /** Of the slowest check; undefined when none has answered well. */
  readonly latencyMs: number | undefined;
  readonly elapsedMs: number;
  readonly checks: readonly CheckOutcome[];
}

export function summarizeChecks(checks: readonly CheckOutcome[], elapsedMs: number): HealthReport {
  const latencies = checks.flatMap((check) => check.latencyMs ?? []);
  return {
    healthy: checks.every((check) => check.outcome === 'healthy'),
    attempts: checks.reduce((sum, check) => sum + check.attempts, 0),
    latencyMs: latencies.length === 0 ? undefined : Math.max(...latencies),
    elapsedMs,
    checks,
  };
}

/** One line: `http http://…: healthy after 3 attempts in 1.2 s; the last took 4 ms`. */
export function describeOutcome(check: CheckOutcome): string {
  const effort = `${count(check.attempts, 'attempt')} in ${formatDuration(check.elapsedMs)}`;
  switch (check.outcome) {
    case 'healthy':
      return `${check.label}: healthy after ${effort}; the last took ${formatDuration(check.latencyMs ?? 0)}`;
    case 'unhealthy':
      return `${check.label}: not healthy after ${effort}: ${check.why}${history(check.reasons)}`;
    case 'abandoned':
      return `${check.label}: given up after ${effort}, because another check had failed`;
  }
}

/** @returns LaunchError HEALTH_FAILED that says which check failed, and why. */
export function healthFailure(report: HealthReport, subject?: string): LaunchError {
  const failed = report.checks.filter((check) => check.outcome === 'unhealthy').map(describeOutcome);
  const who = subject === undefined ? 'The health check failed' : `"${subject}" is not healthy`;
  return new LaunchError('HEALTH_FAILED', `${who}: ${failed.join('; ')}.`, {
    remedy:
      'Look at the log of the service. If it only needs longer to start, raise the `timeout` of the check.',
  });
}

/** The report as Markdown, for a job summary. */
export function healthSummary(report: HealthReport): string {
  const rows = report.checks.map((check) => [
    code(check.label),
    check.outcome === 'healthy' ? 'healthy' : check.outcome === 'unhealthy' ? '**not healthy**' : 'given up',
    String(check.attempts),
    formatDuration(check.elapsedMs),
    check.latencyMs === undefined ? '' : formatDuration(check.latencyMs),
    check.outcome === 'unhealthy' ? plain(`${check.why}${history(check.reasons)}`) : '',
  ]);
  const header = ['Check', 'Result', 'Attempts', 'Took', 'Last answer in', 'Why'];
  return `### ${report.healthy ? 'Healthy' : 'Not healthy'}\n\n${table(header, rows)}\n`;
}

/** Reasons other than the last, which the line tells already: what the service went through on the way. */
function history(reasons: readonly FailureCount[]): string {
  if (reasons.length < 2) return '';
  const shown = reasons.slice(-4).map(({ reason, count: times }) => `${times} × ${reason}`);
  return ` (${reasons.length > 4 ? '…, ' : ''}${shown.join(', ')})`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** Which checks failed, and why. */
export function failedChecks(report: HealthReport): string {
  return report.checks
    .filter((check) => check.outcome === 'unhealthy')
    .map(describeOutcome)
    .join('; ');
}
