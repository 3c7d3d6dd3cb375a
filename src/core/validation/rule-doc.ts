import type { Severity } from '../problem.ts';

/** What a rule is about, for SARIF and for the reference. */
export interface RuleDoc {
  readonly id: string;
  readonly severity: Severity;
  /** What is wrong, in a few words. */
  readonly summary: string;
  /** Why it matters and what to do. */
  readonly help: string;
}

export const error = (id: string, summary: string, help: string): RuleDoc => ({
  id,
  severity: 'error',
  summary,
  help,
});

export const warning = (id: string, summary: string, help: string): RuleDoc => ({
  id,
  severity: 'warning',
  summary,
  help,
});
