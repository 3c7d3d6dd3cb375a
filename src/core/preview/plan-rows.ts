import type { RunsOn } from '../config/launch-file.ts';
import { counted } from '../counted.ts';
import { code, plain, shortened, table } from '../markdown.ts';
import { frozenNote, type Plan, type PlanEntry } from '../plan.ts';
import type { RunnerMatch } from '../routing/runner-match.ts';
import { type Preview, plannedBefore, type RunnersSeen, wavesOf } from './preview.ts';

/** How much of each reason a table has room for. */
export type Why = 'full' | 'short' | 'none';

/** In one cell; more of them nobody reads there. */
const [shownTargets, shownReasons] = [5, 5];

/** A row for each service and driver: where it goes, on which runner, and why. */
export function serviceTable(
  preview: Pick<Preview, 'plan' | 'dependencies' | 'runners'>,
  why: Why,
  limit: number,
): string {
  const { plan } = preview;
  const withWave = plan.entries.some(({ wave }) => wave > 1);
  const before = plannedBefore(preview);
  const groups = [
    ...Map.groupBy(plan.entries, (entry) => `${entry.wave} ${entry.service} ${entry.driver}`).values(),
  ];
  const rows = groups.slice(0, limit).map((entries) => {
    const shown = entries.slice(0, shownTargets);
    const more = entries.length - shown.length;
    const others = more > 0 ? [`and ${more} more`] : [];
    const [first] = entries;
    return [
      ...(withWave ? [String(first?.wave)] : []),
      code(first?.service ?? ''),
      [...shown.map(({ target }) => placeOf(target, preview.runners)), ...others].join('<br>'),
      plain(first?.driver ?? ''),
      ...(why === 'none' ? [] : [reasonsCell(entries, before.get(first?.service ?? '') ?? [], why)]),
    ];
  });
  const header = ['Service', 'Target and runner', 'Driver', ...(why === 'none' ? [] : ['Why'])];
  return table(withWave ? ['Wave', ...header] : header, rows);
}

export function countRows({ plan }: Pick<Preview, 'plan'>): number {
  return new Set(plan.entries.map((entry) => `${entry.service} ${entry.driver}`)).size;
}

/** A row for each target with a number for each wave, for plans of which nobody reads the services one by one. */
export function targetTable({ plan, runners }: Pick<Preview, 'plan' | 'runners'>, limit: number): string {
  const waves = Math.max(0, ...plan.entries.map(({ wave }) => wave));
  const counts = (entries: readonly PlanEntry[]) =>
    Array.from({ length: waves }, (_, index) => {
      const count = entries.filter(({ wave }) => wave === index + 1).length;
      return count === 0 ? '' : String(count);
    });
  const rows = byTarget(plan)
    .slice(0, limit)
    .map(([name, entries]) => [
      code(name),
      runnerCell(name, entries[0]?.target.runsOn ?? '', runners),
      String(entries.length),
      ...(waves > 1 ? counts(entries) : []),
    ]);
  const numbers = Array.from({ length: waves }, (_, index) => `Wave ${index + 1}`);
  return table(['Target', 'Runner', 'Services', ...(waves > 1 ? numbers : [])], rows);
}

export function countTargets({ plan }: Pick<Preview, 'plan'>): number {
  return byTarget(plan).length;
}

function byTarget({ entries }: Plan): [string, PlanEntry[]][] {
  const groups = [...Map.groupBy(entries, ({ target }) => target.name)];
  return groups.sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The names of each wave's services, where there is no room for their rows. */
export function waveList({ plan }: Pick<Preview, 'plan'>, limit: number): string {
  return wavesOf(plan)
    .map((names, index) => `- Wave ${index + 1}: ${namesOnly(names, limit)}`)
    .join('\n');
}

/** Without the marks of code, which are longer than most names. */
function namesOnly(names: readonly string[], limit: number): string {
  const shown = names.slice(0, limit).map(plain).join(', ');
  return names.length > limit ? `${shown} and ${names.length - limit} more` : shown;
}

/** The same reason of many services is said once. */
export function reasonList({ plan }: Pick<Preview, 'plan'>, limit: number): string {
  const services = new Map(plan.entries.map((entry) => [entry.service, entry]));
  const groups = [...Map.groupBy(services.values(), ({ reasons }) => reasons.join('; ')).entries()]
    .filter(([reason]) => reason !== '')
    .sort(([, a], [, b]) => b.length - a.length);
  const lines = groups.slice(0, limit).map(([reason, entries]) => {
    const names = entries.map(({ service }) => service);
    return `- ${nameList(names, 3)}: ${plain(shortened(reason, 300))}`;
  });
  const rest = groups.length - lines.length;
  if (rest > 0) lines.push(`- and ${counted(rest, 'other reason')}`);
  return lines.join('\n');
}

/** `a, b and 3 more`, as code. */
export function nameList(names: readonly string[], limit: number): string {
  const shown = names.slice(0, limit).map(code).join(', ');
  return names.length > limit ? `${shown} and ${names.length - limit} more` : shown;
}

function reasonsCell(entries: readonly PlanEntry[], before: readonly string[], why: Why): string {
  const reasons = entries[0]?.reasons ?? [];
  const shown = reasons.slice(0, why === 'full' ? shownReasons : 1);
  const texts = shown.map((reason) => plain(shortened(reason, why === 'full' ? 400 : 60)));
  const more = reasons.length - shown.length;
  const frozen = entries.flatMap((entry) => {
    const note = frozenNote(entry);
    return note === undefined ? [] : [`❄️ on ${code(entry.target.name)} ${plain(note)}`];
  });
  return [
    ...texts,
    ...(more > 0 ? [`and ${counted(more, 'other reason')}`] : []),
    ...(before.length > 0 && why === 'full' ? [`after ${nameList(before, 5)}`] : []),
    ...frozen,
  ].join('<br>');
}

/** One beside the other: a row for several targets stays readable where it is narrow. */
function placeOf({ name, runsOn }: PlanEntry['target'], runners: RunnersSeen): string {
  return `${code(name)} on ${runnerCell(name, runsOn, runners)}`;
}

function runnerCell(target: string, runsOn: RunsOn, runners: RunnersSeen): string {
  const labels = plain(shortened(runnerLabels(runsOn).join(', '), 120));
  const match = runners.kind === 'seen' ? runners.matches.get(target) : undefined;
  return match === undefined ? labels : `${signs[match.kind]}${labels}`;
}

const signs: Readonly<Record<RunnerMatch['kind'], string>> = {
  online: '🟢 ',
  offline: '🔴 ',
  none: '🔴 ',
  'not-checked': '',
};

/** What a runner has to have: `group: x` and labels. */
export function runnerLabels(runsOn: RunsOn): readonly string[] {
  if (typeof runsOn === 'string') return [runsOn];
  if (Array.isArray(runsOn)) return runsOn;
  const { group, labels = [] } = runsOn;
  return [...(group === undefined ? [] : [`group: ${group}`]), ...[labels].flat()];
}
