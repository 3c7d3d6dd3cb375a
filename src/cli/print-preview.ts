import { printable } from '../core/names.ts';
import { type Attention, attentions } from '../core/preview/attention.ts';
import { headline } from '../core/preview/headline.ts';
import { runnerLabels } from '../core/preview/plan-rows.ts';
import { type Preview, plannedBefore } from '../core/preview/preview.ts';
import type { RunnerMatch } from '../core/routing/runner-match.ts';
import type { Reporter } from '../operations/reporter.ts';
import { printHunks } from './print-hunks.ts';
import { printTable } from './table.ts';
import { paint } from './terminal.ts';

/** A preview on a terminal: what happens in one line, what to look at, then what goes where and why. */
export async function printPreview(preview: Preview, withDiffs: boolean, reporter: Reporter): Promise<void> {
  const { detection, plan, removals, unreadable, notes } = preview;
  const say = (line: string) => process.stdout.write(`${line}\n`);
  if (detection !== undefined) {
    const { base, baseTitle } = detection;
    reporter.info(`Compared with ${base?.slice(0, 12) ?? 'nothing'}: ${baseTitle}.`);
  }
  for (const note of notes) reporter.warning(note);
  say(headline(preview));
  for (const attention of attentions(preview)) say(attentionLine(attention));
  if (plan.entries.length > 0) await printEntries(preview);
  if (plan.disabled.length > 0) say(`Not enabled: ${plan.disabled.join(', ')}`);
  const told = new Set([...removals, ...unreadable].map(({ service }) => service));
  for (const { service, target, driver, onDelete, movedTo } of removals) {
    const stays =
      movedTo === undefined ? 'until somebody takes it down' : `as it is, now that ${movedTo} has it`;
    const what = onDelete === 'stop' ? 'is taken down' : `stays ${stays}`;
    say(`Deleted: ${service} on ${target.name} (${driver}): what runs there ${what}`);
  }
  for (const { service, why } of unreadable) say(`Deleted: ${service}: ${printable(why)}`);
  const untold = detection?.deleted.filter((service) => !told.has(service)) ?? [];
  if (untold.length > 0) say(`Deleted: ${untold.join(', ')}`);
  if (preview.runners.kind === 'unknown')
    say(`Whether runners are online is not known: ${preview.runners.why}`);
  if (withDiffs) printDiffs(preview);
}

function attentionLine({ kind, services, target, text }: Attention): string {
  const names = services.length > 5 ? [...services.slice(0, 5), `${services.length - 5} more`] : services;
  const where = target === undefined ? '' : ` on ${target}`;
  const who = names.length === 0 ? '' : `${names.join(', ')}${where}: `;
  return `${paint(kind === 'frozen' ? 'cyan' : 'yellow', '!', process.stdout)} ${printable(`${who}${text}`, 600)}`;
}

async function printEntries(preview: Preview): Promise<void> {
  const { plan, runners } = preview;
  const before = plannedBefore(preview);
  await printTable(
    ['WAVE', 'SERVICE', 'TARGET', 'DRIVER', 'RUNNER', 'URL', 'WHY'],
    plan.entries.map(({ wave, service, target, driver, url, reasons }) => {
      const after = before.get(service) ?? [];
      const match = runners.kind === 'seen' ? runners.matches.get(target.name) : undefined;
      return [
        String(wave),
        service,
        target.name,
        driver,
        printable(runnerLabels(target.runsOn).join(', '), 80) +
          (match === undefined ? '' : states[match.kind]),
        printable(url ?? ''),
        printable([...reasons, ...(after.length === 0 ? [] : [`after ${after.join(', ')}`])].join('; '), 300),
      ];
    }),
  );
}

const states: Readonly<Record<RunnerMatch['kind'], string>> = {
  online: ' (online)',
  offline: ' (offline)',
  none: ' (no such runner)',
  'not-checked': '',
};

function printDiffs({ compose }: Preview): void {
  for (const { service, targets, diff } of compose.changes) {
    process.stdout.write(`\n${paint('bold', `${service} on ${targets.join(', ')}`, process.stdout)}\n`);
    printHunks(diff);
  }
  for (const { service, why } of compose.unread) {
    process.stdout.write(`\n${service}: its configuration was not compared: ${printable(why)}\n`);
  }
  if (compose.uncompared > 0) {
    process.stdout.write(`\nThe configuration of ${compose.uncompared} more was not compared.\n`);
  }
}
