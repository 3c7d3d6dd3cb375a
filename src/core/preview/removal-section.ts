import { code, plain } from '../markdown.ts';
import type { Removal } from '../removal.ts';
import type { Preview } from './preview.ts';

/** More of them nobody reads one by one. */
const shown = 40;

/** What the change takes away, and what becomes of what runs. */
export function deletions({ removals, unreadable, detection }: Preview): string[] {
  const places = Map.groupBy(removals, (it) => [it.service, it.onDelete, it.wave, it.movedTo].join(' '));
  const told = new Set([...removals, ...unreadable].map(({ service }) => service));
  const untold = (detection?.deleted ?? []).filter((service) => !told.has(service));
  const lines = [
    ...Array.from(places.values(), removalLine).sort(
      (a, b) => Number(b.startsWith('- ⛔')) - Number(a.startsWith('- ⛔')),
    ),
    ...unreadable.map(({ service, why }) => `- ⚠️ ${code(service)}: ${plain(why)}`),
    ...untold.map((service) => `- 🗑️ ${code(service)}: what it left running, if any, stays as it is.`),
  ];
  if (lines.length === 0) return [];
  const more = lines.length > shown ? [`- and ${lines.length - shown} more`] : [];
  return [`**No longer there**\n\n${[...lines.slice(0, shown), ...more].join('\n')}`];
}

function removalLine(places: readonly Removal[]): string {
  const [first] = places;
  if (first === undefined) return '';
  const { service, onDelete, wave, driver, placeTakenBy, movedTo } = first;
  const targets = places.map(({ target }) => code(target.name));
  const where = `${targets.slice(0, 5).join(', ')}${targets.length > 5 ? ` and ${targets.length - 5} more` : ''}`;
  if (onDelete === 'stop') {
    const when = wave === 0 ? 'before the first wave' : 'after the last wave';
    const why =
      placeTakenBy === undefined
        ? ''
        : `, because ${code(placeTakenBy.service)} needs its ${plain(placeTakenBy.what)}`;
    return `- ⛔ ${code(service)} is taken down on ${where}, ${when}${why} (${code('on-delete: stop')}). Its data is kept.`;
  }
  if (movedTo !== undefined) {
    return `- ⚠️ ${code(service)} on ${where} is left as it is: it goes to ${code(movedTo)} now, on the same runners. A compose project that it still has there is refused to ${code(movedTo)}.`;
  }
  const [only] = places;
  const command =
    driver === 'worker' || only === undefined
      ? ''
      : ` By hand, on that machine: ${code(`launch remove ${service} --target ${only.target.name}`)}.`;
  return `- 🗑️ ${code(service)} on ${where}: what it left running stays until somebody takes it down.${command}`;
}
