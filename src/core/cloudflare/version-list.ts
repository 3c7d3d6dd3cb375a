import { ageOf } from '../deploy/release-list.ts';
import { code, plain, table } from '../markdown.ts';
import type { HistoryLine } from './version-note.ts';

export interface VersionList {
  readonly worker: string;
  /** What a rollback goes to. */
  readonly previous: string | undefined;
  /** Newest first. */
  readonly versions: readonly HistoryLine[];
}

/** For the job summary: a person chooses from it which version to go back to. */
export function versionListSummary({ worker, previous, versions }: VersionList, now: Date): string {
  const rows = versions.map((version) => [
    markOf(version, previous),
    code(version.versionId),
    version.commit === undefined ? '' : code(version.commit),
    plain(ageOf(version.createdOn, now)),
    plain(version.by ?? ''),
  ]);
  return [
    `### Versions of ${plain(worker)}`,
    rows.length === 0 ? 'It has none.' : table(['', 'Version', 'Commit', 'When', 'Who'], rows),
    'To go back to one, run this workflow with `operation: rollback` and its id as `release`.',
    '',
  ].join('\n\n');
}

function markOf({ percentage, versionId }: HistoryLine, previous: string | undefined): string {
  if (percentage !== undefined) return percentage === 100 ? '**serves**' : `**${percentage} %**`;
  return versionId === previous ? 'the one before' : '';
}
