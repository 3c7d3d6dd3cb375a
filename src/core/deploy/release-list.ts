import { formatDistance } from '../gpu/time-to-live.ts';
import { code, link, plain, table } from '../markdown.ts';
import { describeFreeze, type Freeze } from './freeze.ts';
import type { HistoryLine } from './release.ts';
import { describeTrigger } from './trigger.ts';

/** The past of a service on a host, newest first. */
export interface ReleaseList {
  readonly service: string;
  readonly target: string;
  readonly deployments: readonly HistoryLine[];
  readonly current: string | undefined;
  /** One that failed after `current`, and was left as it is. */
  readonly left: string | undefined;
  /** Those that can be gone back to. */
  readonly restorable: readonly string[];
  readonly frozen: Freeze | undefined;
}

/** More than any host keeps; the rest is in the host's own history. */
const maxRows = 50;

/** For the job summary: a person chooses from it which release to go back to. */
export function releaseListSummary(list: ReleaseList, now: Date): string {
  const { service, target, deployments, frozen } = list;
  const shown = deployments.slice(0, maxRows);
  return [
    `### Releases of ${plain(service)} on ${plain(target)}`,
    ...(shown.length === 0
      ? ['Nothing was deployed of it here.']
      : [
          table(
            ['', 'Release', 'Outcome', 'Commit', 'When', 'Who', 'How', 'Reason'],
            shown.map((line) => row(line, list, now)),
          ),
          'To go back to one that is kept, run this workflow with `operation: rollback` and its id as `release`. Without one it goes to the release before the one that serves.',
        ]),
    ...(frozen === undefined ? [] : [`> The service is ${plain(describeFreeze(frozen))}.`]),
    '',
  ].join('\n\n');
}

function row(line: HistoryLine, list: ReleaseList, now: Date): string[] {
  const back = line.restores !== undefined && line.status === 'deployed';
  return [
    markOf(line.release, list),
    code(line.release),
    back ? `gone back to ${code(line.restores ?? '')}` : plain(line.status),
    code(line.commit.slice(0, 12)),
    plain(ageOf(line.at, now)),
    line.run === undefined ? plain(line.by ?? '') : link(line.by ?? 'the run', line.run),
    plain(describeTrigger(line.trigger)),
    plain((line.reason ?? '').slice(0, 200)),
  ];
}

function markOf(release: string, { current, left, restorable }: ReleaseList): string {
  if (release === current) return '**serves**';
  if (release === left) return 'failed, left as it is';
  return restorable.includes(release) ? 'kept' : '';
}

/** Of a clock that goes wrong just the time. */
export function ageOf(at: string, now: Date): string {
  const ms = Date.parse(at) - now.getTime();
  return ms <= 0 ? formatDistance(Math.min(ms, -1)) : at;
}
