import { counted } from '../counted.ts';
import type { Problem } from '../problem.ts';
import { type Report, weightiest } from '../validation/report.ts';

export type FindingKind = 'ports' | 'secrets' | 'other';

/** The findings of one kind, the weightiest first. */
export interface Findings {
  readonly kind: FindingKind;
  readonly errors: number;
  readonly warnings: number;
  readonly problems: readonly Problem[];
}

const kinds: Readonly<Record<string, FindingKind>> = {
  'duplicate-port': 'ports',
  'reserved-port': 'ports',
  'duplicate-route': 'ports',
  'hard-coded-credential': 'secrets',
  'unencrypted-secrets': 'secrets',
  'missing-secret': 'secrets',
  'unused-secret': 'secrets',
};

/** Ports, secrets and the rest; each is there, also with nothing found. */
export function findingsByKind(report: Report): readonly Findings[] {
  const all = [
    ...weightiest(report, 'error', Number.POSITIVE_INFINITY),
    ...weightiest(report, 'warning', Number.POSITIVE_INFINITY),
  ];
  return (['ports', 'secrets', 'other'] as const).map((kind) => {
    const problems = all.filter(({ rule }) => (kinds[rule] ?? 'other') === kind);
    const errors = problems.filter(({ severity }) => severity === 'error').length;
    return { kind, errors, warnings: problems.length - errors, problems };
  });
}

/** `2 errors, 1 warning`; nothing where there are none. */
export function countFindings({ errors, warnings }: Pick<Findings, 'errors' | 'warnings'>): string {
  const parts = [
    ...(errors > 0 ? [counted(errors, 'error')] : []),
    ...(warnings > 0 ? [counted(warnings, 'warning')] : []),
  ];
  return parts.join(', ');
}
