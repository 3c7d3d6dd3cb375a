import { formatDuration } from '../config/duration.ts';
import { code, plain, table } from '../markdown.ts';

/**
 * `removed`: what ran is gone, its data is kept. `absent`: nothing of it was there. `left`: it runs on, because there is
 * no way to take it down that keeps its data; `why` says what a person has to do.
 */
export type RemovalStatus = 'removed' | 'absent' | 'left';

/** How a removal ended. */
export interface RemovalResult {
  readonly status: RemovalStatus;
  readonly service: string;
  readonly target: string;
  /** What was taken down: a release, or a worker by its name. */
  readonly release: string | undefined;
  readonly commit: string | undefined;
  readonly containers: readonly string[];
  /** Named volumes that are kept. */
  readonly volumes: readonly string[];
  /** The folder with the data of its bind mounts, which is kept; undefined where there is none. */
  readonly data: string | undefined;
  readonly durationMs: number;
  /** Of one that was left: a sentence. */
  readonly why: string | undefined;
  readonly notices: readonly string[];
}

/** Of a removal that has touched nothing; what is known beyond that is spread over it. */
export const nothingRemoved = {
  status: 'absent',
  release: undefined,
  commit: undefined,
  containers: [],
  volumes: [],
  data: undefined,
  why: undefined,
  notices: [],
} as const satisfies Partial<RemovalResult>;

const headline: Readonly<Record<RemovalStatus, string>> = {
  removed: '🧹 Taken down',
  absent: '✅ Nothing to take down',
  left: '⚠️ Not taken down',
};

/** The job summary of one removal. */
export function removalSummary(result: RemovalResult): string {
  const { status, service, target, release, commit, containers, volumes, data, why } = result;
  const list = (names: readonly string[]) => names.map((name) => code(name)).join(', ');
  const rows = [
    ...(release === undefined ? [] : [['Was', code(release)]]),
    ...(commit === undefined ? [] : [['Commit', code(commit.slice(0, 12))]]),
    ...(containers.length === 0 ? [] : [['Containers removed', list(containers)]]),
    ...(volumes.length === 0 ? [] : [['Volumes kept', list(volumes)]]),
    ...(data === undefined ? [] : [['Data kept', code(data)]]),
    ['Duration', formatDuration(result.durationMs)],
  ];
  return [
    `### ${headline[status]}: ${plain(service)} on ${plain(target)}`,
    ...(why === undefined ? [] : [`**${plain(why)}**`]),
    ...result.notices.map((notice) => `> ${plain(notice)}`),
    ...(status === 'removed' ? ['Deployed again, it finds its data as it was.'] : []),
    table(['', ''], rows),
    '',
  ].join('\n\n');
}
