import { counted } from '../counted.ts';
import { frozenNote } from '../plan.ts';
import type { Removal } from '../removal.ts';
import type { Preview } from './preview.ts';

/** Something that a reader should not overlook. */
export interface Attention {
  readonly kind: 'error' | 'removal' | 'data' | 'frozen' | 'runner';
  /** Who; names of services. */
  readonly services: readonly string[];
  /** The target, where it is about one. */
  readonly target?: string;
  /** A sentence about them, without their names. Foreign text may be in it. */
  readonly text: string;
}

/** What is dangerous about a change or has to be mended, the weightiest first. */
export function attentions(preview: Preview): readonly Attention[] {
  return [
    ...toMend(preview),
    ...takenDown(preview.removals),
    ...preview.compose.changes.flatMap(({ service, stateful }) =>
      stateful.map((text): Attention => ({ kind: 'data', services: [service], text })),
    ),
    ...preview.plan.entries.flatMap((entry): Attention[] => {
      const note = frozenNote(entry);
      return note === undefined
        ? []
        : [{ kind: 'frozen', services: [entry.service], target: entry.target.name, text: `${note}.` }];
    }),
    ...withoutRunner(preview),
  ];
}

function toMend({ report }: Preview): Attention[] {
  const errors = report?.errors ?? 0;
  if (errors === 0) return [];
  const services = new Set(
    report?.problems.flatMap(({ severity, service }) => (severity === 'error' ? (service ?? []) : [])),
  );
  const text = `${counted(errors, 'error')} to mend before this can be deployed, see the findings.`;
  return [{ kind: 'error', services: [...services], text }];
}

function takenDown(removals: readonly Removal[]): Attention[] {
  const stopped = removals.filter(({ onDelete }) => onDelete === 'stop');
  const byTargets = Map.groupBy(
    Map.groupBy(stopped, ({ service }) => service),
    ([, places]) => places.map(({ target }) => target.name).join(', '),
  );
  return Array.from(byTargets, ([targets, found]) => ({
    kind: 'removal',
    services: found.map(([service]) => service),
    text: `taken down on ${targets}; the data is kept.`,
  }));
}

function withoutRunner({ runners, plan }: Preview): Attention[] {
  if (runners.kind !== 'seen') return [];
  return Array.from(runners.matches).flatMap(([target, match]): Attention[] => {
    if (match.kind !== 'offline' && match.kind !== 'none') return [];
    const waiting = plan.entries.filter((entry) => entry.target.name === target);
    const why =
      match.kind === 'offline'
        ? `of ${target}, ${match.runners.join(', ')}, is offline`
        : `has all labels of ${target}: ${match.labels.join(', ')}`;
    const what = match.kind === 'offline' ? 'the runner' : 'no runner';
    return [
      {
        kind: 'runner',
        services: [...new Set(waiting.map(({ service }) => service))],
        text: `would wait: ${what} ${why}.`,
      },
    ];
  });
}
