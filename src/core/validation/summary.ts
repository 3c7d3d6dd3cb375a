import { code, plain, table } from '../markdown.ts';
import type { Problem } from '../problem.ts';
import type { Report, ServiceResult } from './report.ts';
import { weightiest } from './report.ts';

/** So many rows of a table a person still reads; the report file holds all. */
const maxRows = 200;

/** The job summary: the verdict, a line per service, then the problems. */
export function summaryMarkdown(report: Report): string {
  return [
    `### ${verdict(report)}`,
    ...serviceLines(report.services),
    ...problemTable(report),
    ...report.notes.map((note) => `_${plain(note)}_`),
    '',
  ].join('\n\n');
}

/** `3 services: 2 errors, 1 warning`, the one line that tells it all. */
export function verdict(report: Report): string {
  const services = quantity(report.services.length, 'service');
  if (report.errors + report.warnings === 0) {
    return report.services.length === 0 ? 'No service to validate' : `${services} validated, nothing to mend`;
  }
  const sign = report.valid ? 'valid' : 'not valid';
  return `${services}, ${sign}: ${quantity(report.errors, 'error')}, ${quantity(report.warnings, 'warning')}`;
}

function serviceLines(services: readonly ServiceResult[]): string[] {
  if (services.length === 0) return [];
  const bad = services.filter((service) => service.errors + service.warnings > 0);
  const good = services.filter((service) => service.errors + service.warnings === 0);
  const lines = bad
    .sort((a, b) => b.errors - a.errors || b.warnings - a.warnings)
    .slice(0, maxRows)
    .map((service) => {
      const sign = service.errors > 0 ? '❌' : '⚠️';
      return `- ${sign} **${plain(service.name)}**: ${quantity(service.errors, 'error')}, ${quantity(service.warnings, 'warning')}`;
    });
  if (bad.length > maxRows) lines.push(`- and ${bad.length - maxRows} more services with problems`);
  if (good.length > 0 && good.length <= 20) {
    lines.push(...good.map((service) => `- ✅ **${plain(service.name)}**: ok`));
  } else if (good.length > 0) {
    lines.push(`- ✅ ${quantity(good.length, 'service')} ok`);
  }
  return [lines.join('\n')];
}

function problemTable(report: Report): string[] {
  if (report.problems.length === 0) return [];
  const shown = [...weightiest(report, 'error', maxRows), ...weightiest(report, 'warning', maxRows)].slice(
    0,
    maxRows,
  );
  const rows = shown.map((problem) => [
    problem.severity === 'error' ? '❌' : '⚠️',
    code(placeText(problem)),
    `${plain(problem.message)} ${plain(problem.remedy)}`.trim(),
    code(problem.rule),
  ]);
  const rest = report.problems.length - shown.length;
  return [
    table(['', 'Where', 'What', 'Rule'], rows),
    ...(rest > 0
      ? [`And ${rest} more; the report and the SARIF file hold all ${report.problems.length}.`]
      : []),
  ];
}

export function placeText({ place }: Problem): string {
  return place.line === undefined ? place.file : `${place.file}:${place.line}`;
}

function quantity(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
