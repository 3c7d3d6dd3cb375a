import { code, link, plain, table } from './markdown.ts';
import { frozenNote, type Plan, type PlanEntry, targetNames, whyOf } from './plan.ts';
import type { Unreachable } from './routing/unreachable.ts';

/** A summary holds 1 MiB; so many rows stay well below it and nobody reads more. */
const maxRows = 1000;

/** The plan as Markdown, for a job summary: what goes where, how, why, and in which wave. */
export function planSummary(plan: Plan, unreachable: readonly Unreachable[] = []): string {
  const parts = [`### ${headline(plan)}`];
  if (unreachable.length > 0) parts.push(unreachableTable(unreachable));
  const waves = new Set(plan.entries.map((entry) => entry.wave)).size;
  if (plan.entries.length > 0) {
    const header = ['Service', 'Target', 'Driver', 'Why', 'URL'];
    const shown = plan.entries.slice(0, maxRows);
    parts.push(
      table(
        waves > 1 ? ['Wave', ...header] : header,
        shown.map((entry) => row(entry, waves > 1)),
      ),
    );
    if (shown.length < plan.entries.length) {
      parts.push(`_And ${plan.entries.length - shown.length} more; see the output \`plan\`._`);
    }
  }
  if (waves > 1) parts.push('A wave starts when the one before it is done.');
  if (plan.disabled.length > 0) {
    parts.push(`Not deployed, because of \`enabled: false\`: ${names(plan.disabled)}.`);
  }
  return `${parts.join('\n\n')}\n`;
}

/** `3 services to 2 targets`, as a heading or a line of its own. */
export function headline(plan: Plan): string {
  const services = new Set(plan.entries.map((entry) => entry.service)).size;
  if (services === 0) return 'Nothing to deploy';
  const targets = targetNames(plan);
  const where = targets.length === 1 ? (targets[0] ?? '') : `${targets.length} targets`;
  return `To deploy: ${services} ${services === 1 ? 'service' : 'services'} to ${where}`;
}

function unreachableTable(unreachable: readonly Unreachable[]): string {
  const shown = unreachable.slice(0, maxRows / 10);
  const rows = shown.map(({ service, target, reason }) => [code(service), code(target), plain(reason)]);
  const more = unreachable.length - shown.length;
  return `Not deployed, because no runner would take the job:\n\n${table(['Service', 'Target', 'Why'], rows)}${more === 0 ? '' : `\n_And ${more} more._`}`;
}

function row(entry: PlanEntry, withWave: boolean): string[] {
  const cells = [
    code(entry.service),
    code(entry.target.name),
    plain(entry.driver),
    [...whyOf(entry), frozenNote(entry) ?? []].flat().map(plain).join('<br>'),
    entry.url === undefined ? '' : link(entry.url, entry.url),
  ];
  return withWave ? [String(entry.wave), ...cells] : cells;
}

function names(list: readonly string[]): string {
  const shown = list.slice(0, 50).map(code).join(', ');
  return list.length > 50 ? `${shown} and ${list.length - 50} more` : shown;
}
