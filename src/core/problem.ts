import { formatPlace, LaunchError, type Place } from './errors.ts';

export type Severity = 'error' | 'warning';

/** One thing that is wrong in a repository, at one place; what annotations, summaries and SARIF are made of. */
export interface Problem {
  /** Stable id of the rule, e.g. `unknown-key`; used as SARIF rule id. */
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  /** What to do about it, as a sentence. */
  readonly remedy: string;
  readonly place: Place;
  /** The service it belongs to; absent for problems of the whole repository. */
  readonly service?: string;
}

/** The one-paragraph error for problems that stop everything; the first is told in full. */
export function problemsToError(problems: readonly [Problem, ...Problem[]]): LaunchError {
  const [first, ...others] = problems;
  const more =
    others.length === 0
      ? ''
      : ` And ${others.length} more: ${others
          .slice(0, 5)
          .map((p) => `${formatPlace(p.place)} ${p.message}`)
          .join(' ')}`;
  return new LaunchError('CONFIG_INVALID', first.message, {
    place: first.place,
    remedy: `${first.remedy}${more}`,
  });
}

export function hasAny<T>(list: readonly T[]): list is readonly [T, ...T[]] {
  return list.length > 0;
}
