import { LaunchError } from '../errors.ts';
import type { Problem, Severity } from '../problem.ts';
import { isRule, ruleRank } from './rules.ts';

/** What validation found, as the report file, the summary and SARIF tell it. */
export interface Report {
  readonly version: 1;
  /** False when something that `fail-on` names was found. */
  readonly valid: boolean;
  readonly failOn: Severity;
  readonly errors: number;
  readonly warnings: number;
  /** The services that were looked into, by name. */
  readonly services: readonly ServiceResult[];
  /** By file and line. */
  readonly problems: readonly Problem[];
  /** What a reader should know about how it was checked, as sentences. */
  readonly notes: readonly string[];
}

export interface ServiceResult {
  readonly name: string;
  readonly path: string;
  readonly errors: number;
  readonly warnings: number;
}

export interface ReportParts {
  readonly failOn: Severity;
  readonly services: readonly { readonly name: string; readonly path: string }[];
  readonly problems: readonly Problem[];
  readonly notes: readonly string[];
}

export function buildReport(parts: ReportParts): Report {
  const problems = withoutRepeats(parts.problems.map(withKnownRule)).sort(byPlace);
  const errors = count(problems, 'error');
  const warnings = count(problems, 'warning');
  const counts = countByService(problems);
  return {
    version: 1,
    valid: errors === 0 && (parts.failOn === 'error' || warnings === 0),
    failOn: parts.failOn,
    errors,
    warnings,
    services: parts.services.map(({ name, path }) => ({
      name,
      path,
      errors: counts.get(name)?.error ?? 0,
      warnings: counts.get(name)?.warning ?? 0,
    })),
    problems,
    notes: parts.notes,
  };
}

/** The weightiest problems of one severity: at most `limit`, by rule, then by place. */
export function weightiest(report: Report, severity: Severity, limit: number): readonly Problem[] {
  return report.problems
    .filter((problem) => problem.severity === severity)
    .sort((a, b) => ruleRank(a.rule) - ruleRank(b.rule) || byPlace(a, b))
    .slice(0, limit);
}

/** The error that a step ends with when something is not valid: the first problem in full, the rest counted. */
export function validationFailure(report: Report): LaunchError {
  const [first] = [...weightiest(report, 'error', 1), ...weightiest(report, 'warning', 1)];
  const rest = report.errors + report.warnings - 1;
  const more = rest > 0 ? ` There are ${rest} more problems; the job summary and the report list all.` : '';
  return new LaunchError('VALIDATION_FAILED', first?.message ?? 'The services are not valid.', {
    ...(first === undefined ? {} : { place: first.place }),
    remedy: `${first?.remedy ?? ''}${more}`.trim(),
  });
}

/** What a schema library calls a fault is no rule of its own. */
function withKnownRule(problem: Problem): Problem {
  return isRule(problem.rule) ? problem : { ...problem, rule: 'invalid-value' };
}

function withoutRepeats(problems: readonly Problem[]): Problem[] {
  const seen = new Map<string, Problem>();
  for (const problem of problems) {
    const { file, line, column } = problem.place;
    const key = JSON.stringify([problem.rule, file, line, column, problem.message]);
    if (!seen.has(key)) seen.set(key, problem);
  }
  return [...seen.values()];
}

function countByService(problems: readonly Problem[]): Map<string, Record<Severity, number>> {
  const counts = new Map<string, Record<Severity, number>>();
  for (const { service, severity } of problems) {
    if (service === undefined) continue;
    const entry = counts.get(service) ?? { error: 0, warning: 0 };
    entry[severity] += 1;
    counts.set(service, entry);
  }
  return counts;
}

function count(problems: readonly Problem[], severity: Severity): number {
  return problems.filter((problem) => problem.severity === severity).length;
}

function byPlace(a: Problem, b: Problem): number {
  return (
    compare(a.place.file, b.place.file) ||
    (a.place.line ?? 0) - (b.place.line ?? 0) ||
    (a.place.column ?? 0) - (b.place.column ?? 0) ||
    compare(a.rule, b.rule) ||
    compare(a.message, b.message)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
