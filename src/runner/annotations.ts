import * as core from '@actions/core';
import type { Problem, Severity } from '../core/problem.ts';
import { type Report, weightiest } from '../core/validation/report.ts';
import { annotationPlace } from './annotation-place.ts';

/** GitHub shows the first ten annotations of a kind of a step; the rest is dropped in silence. */
const perKind = 10;

/**
 * Shows the weightiest problems at their lines. Of the errors one is left for the step's own, with which it ends.
 * Returns how many are not shown.
 */
export function annotate(report: Report): number {
  const errors = show(report, 'error', report.valid ? perKind : perKind - 1);
  const warnings = show(report, 'warning', perKind);
  return report.problems.length - errors - warnings;
}

function show(report: Report, severity: Severity, limit: number): number {
  const shown = weightiest(report, severity, limit);
  for (const problem of shown) {
    const say = severity === 'error' ? core.error : core.warning;
    say(`${problem.message} ${problem.remedy}`, properties(problem));
  }
  return shown.length;
}

function properties({ rule, place }: Problem): core.AnnotationProperties {
  return { title: rule, ...annotationPlace(place) };
}
