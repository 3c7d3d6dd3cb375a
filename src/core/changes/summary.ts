import { code, plain, table } from '../markdown.ts';
import type { Detection } from './detection.ts';
import type { Reason } from './reasons.ts';

/** How many services the summary names; the outputs name them all. */
const shownServices = 100;
const shownFiles = 5;

/** What changed and why, for the job summary. */
export function detectionSummary(detection: Detection): string {
  const { services, deleted, warnings } = detection;
  return [
    `### ${heading(detection)}`,
    comparison(detection),
    ...(detection.chosen === true ? [chosenNote] : []),
    ...warnings.map((warning) => `> ⚠️ ${plain(warning)}`),
    ...(services.length === 0 ? [] : [servicesTable(detection)]),
    ...(services.length > shownServices ? [`… and ${services.length - shownServices} more.`] : []),
    ...(deleted.length === 0
      ? []
      : [`No longer there: ${deleted.slice(0, shownServices).map(code).join(', ')}.`]),
    '',
  ].join('\n\n');
}

/** What a person who deploys an older commit should know of the pushes that follow. */
const chosenNote =
  'The commit was chosen by hand. What is deployed of it stays: a push deploys what that push changes, so these services go on from here only with a push that changes them, or when they are deployed by hand again.';

function heading({ services, total }: Detection): string {
  if (services.length === 0) return 'No service changed';
  const all = total === 1 ? '1 service' : `${total} services`;
  return services.length === total && total > 1 ? `All ${all}` : `${services.length} of ${all} changed`;
}

/** Which commits were compared, and why these. */
export function comparison({
  base,
  head,
  baseTitle,
}: Pick<Detection, 'base' | 'head' | 'baseTitle'>): string {
  if (head === undefined) return plain(baseTitle);
  const at = code(head.slice(0, 12));
  return base === undefined
    ? `${at}, without a base: ${plain(baseTitle)}.`
    : `${at} compared with ${code(base.slice(0, 12))}: ${plain(baseTitle)}.`;
}

function servicesTable({ services, reasons }: Detection): string {
  const rows = services
    .slice(0, shownServices)
    .map((name) => [
      code(name),
      (reasons[name] ?? []).map((reason) => plain(reason.text)).join('<br>'),
      (reasons[name] ?? []).flatMap(filesCell).join('<br>'),
    ]);
  return table(['service', 'why', 'files'], rows);
}

function filesCell(reason: Reason): string[] {
  if (!('files' in reason)) return [];
  const shown = reason.files.slice(0, shownFiles).map(code);
  const rest = reason.count - shown.length;
  return rest > 0 || reason.more === true
    ? [...shown, `and ${rest}${reason.more === true ? '+' : ''} more`]
    : shown;
}
