import type { DriverName } from './config/fields.ts';
import type { RunsOn } from './config/launch-file.ts';
import { code, plain, table } from './markdown.ts';
import type { Removal, UnreadableRemoval } from './removal.ts';
import { maxMatrixEntries } from './routing/matrix.ts';

/** One job that takes a service down on a target. */
export interface RemovalJob {
  readonly service: string;
  readonly target: string;
  readonly 'runs-on': RunsOn;
  /** Empty when the target has none; GitHub takes an empty name for no environment. */
  readonly environment: string;
  readonly driver: DriverName;
  /** Of a worker: its name at Cloudflare, and the account of its configuration; else empty. */
  readonly worker: string;
  readonly 'account-id': string;
  readonly 'secret-prefix': string;
  /** The service that needs its place; empty where none does. */
  readonly successor: string;
}

/** The jobs before the first wave, and those after the last one. */
export interface RemovalMatrices {
  readonly first: { readonly include: readonly RemovalJob[] };
  readonly last: { readonly include: readonly RemovalJob[] };
}

export interface RemovalRouting {
  readonly matrices: RemovalMatrices;
  /** To be stopped, but too many for the jobs of one matrix: a person has to. */
  readonly beyond: readonly Removal[];
}

/** A job for each removal that is to be made; what is only reported has none. */
export function routeRemovals(removals: readonly Removal[]): RemovalRouting {
  const stopped = removals.filter(({ onDelete }) => onDelete === 'stop');
  const first = stopped.filter(({ wave }) => wave === 0);
  const last = stopped.filter(({ wave }) => wave !== 0);
  const some = (list: readonly Removal[]) => ({ include: list.slice(0, maxMatrixEntries).map(jobOf) });
  return {
    matrices: { first: some(first), last: some(last) },
    beyond: [...first.slice(maxMatrixEntries), ...last.slice(maxMatrixEntries)],
  };
}

function jobOf({ service, target, driver, worker, placeTakenBy }: Removal): RemovalJob {
  return {
    service,
    target: target.name,
    'runs-on': target.runsOn,
    environment: target.environment ?? '',
    driver,
    worker: worker?.name ?? '',
    'account-id': worker?.accountId ?? '',
    'secret-prefix': target.secretPrefix ?? '',
    successor: placeTakenBy?.service ?? '',
  };
}

/** What a person types to take it down, on its target's machine or, of a worker, anywhere. */
export function byHand({ service, target, worker }: Removal, repository: string | undefined): string {
  if (worker !== undefined) return `npx wrangler delete --name ${worker.name}`;
  const where = repository === undefined ? '' : ` --repository ${repository}`;
  return `launch remove ${service} --target ${target.name}${where}`;
}

/** Something new can't be deployed as long as what is only reported is there; a sentence for each. */
export function inTheWay(removals: readonly Removal[]): string[] {
  return removals.flatMap(({ service, target, onDelete, placeTakenBy, movedTo }) => {
    if (movedTo !== undefined) {
      return [
        `"${service}" goes to ${movedTo} now and no longer to ${target.name}, on the same runners: what it has there from before is not taken down. A compose project that it still has there is refused to ${movedTo} until you take it down; its \`data/\` does not move with it.`,
      ];
    }
    return placeTakenBy === undefined || onDelete === 'stop'
      ? []
      : [
          `"${service}" is gone, but still has ${placeTakenBy.what} on ${target.name}, which "${placeTakenBy.service}" needs: take it down first, or that is refused.`,
        ];
  });
}

/** The summary names so many. */
const shown = 100;

/** What goes, and what stays until a person sees to it; empty where nothing is gone. */
export function removalsSummary(
  removals: readonly Removal[],
  unreadable: readonly UnreadableRemoval[],
  repository: string | undefined,
): string {
  const { beyond } = routeRemovals(removals);
  const rows = removals
    .slice(0, shown)
    .map((it) => [
      code(it.service),
      code(it.target.name),
      it.movedTo === undefined && (it.onDelete === 'report' || beyond.includes(it))
        ? `reported: ${code(byHand(it, repository))}`
        : consequence(it),
    ]);
  const rest = removals.length - rows.length;
  return [
    ...(rows.length === 0
      ? []
      : ['**No longer there**', table(['service', 'target', 'what becomes of it'], rows)]),
    ...(rest > 0 ? [`… and ${rest} more.`] : []),
    ...(rows.length === 0 ? [] : ['Data is kept in any case.']),
    ...unreadable.map(
      ({ service, why }) => `> ⚠️ Where ${code(service)} was deployed is not wholly known: ${plain(why)}`,
    ),
  ]
    .map((part) => `${part}\n`)
    .join('\n');
}

function consequence({ placeTakenBy, movedTo }: Removal): string {
  if (movedTo !== undefined) return `left as it is: ${code(movedTo)} has it now, on the same runners`;
  return placeTakenBy === undefined
    ? 'taken down after the last wave, when nothing failed'
    : `taken down first: ${code(placeTakenBy.service)} needs ${plain(placeTakenBy.what)}`;
}
