import { formatDuration } from '../config/duration.ts';
import { code, codeBlock, link, plain, table } from '../markdown.ts';
import { describeOutage } from './outage.ts';
import type { DeployResult, DeployStatus } from './result.ts';

const headline: Readonly<Record<DeployStatus, string>> = {
  deployed: '✅ Deployed',
  unchanged: '✅ Unchanged',
  'rolled-back': '⚠️ Rolled back: the release before serves again',
  failed: '❌ Failed: the service may be down',
};

/** The job summary of one deployment. */
export function deploySummary(result: DeployResult): string {
  const title = titleOf(result);
  const list = (names: readonly string[]) => names.map((name) => code(name)).join(', ');
  const rows = [
    ['Release', code(result.release)],
    ...(result.restores === undefined ? [] : [['Restored from', code(result.restores)]]),
    ['Release before', result.previousRelease === undefined ? 'none' : code(result.previousRelease)],
    ['Commit', code(result.commit.slice(0, 12))],
    ['URL', result.url === undefined ? 'none' : link(result.url, result.url)],
    ['Duration', formatDuration(result.durationMs)],
    ...(describeOutage(result) === '' ? [] : [['Outage', describeOutage(result)]]),
    ...(result.made.length === 0 ? [] : [['Containers made', list(result.made)]]),
    ...(result.kept.length === 0 ? [] : [['Containers left alone', list(result.kept)]]),
  ];
  return [
    `### ${title}: ${plain(result.service)} on ${plain(result.target)}`,
    ...(result.failure === undefined ? [] : [`**${plain(result.failure.reason)}**`]),
    ...(result.fault === undefined ? [] : [`**${plain(result.fault)}**`]),
    ...(result.superseded === undefined ? [] : [`${plain(result.superseded)}.`]),
    ...(result.notPutBack === undefined
      ? []
      : [`The old release could not be put back: **${plain(result.notPutBack)}**`]),
    ...(result.failure === undefined || result.failure.lines.length === 0
      ? []
      : ['Last lines of what failed:', codeBlock(result.failure.lines)]),
    ...(result.notices ?? []).map((notice) => `> ${plain(notice)}`),
    table(['', ''], rows),
    ...(result.plan === undefined ? [] : ['What would be done:', codeBlock(result.plan)]),
    '',
  ].join('\n\n');
}

function titleOf({
  plan,
  status,
  restores,
  superseded,
  fault,
  frozen,
  previousServes,
}: DeployResult): string {
  if (plan !== undefined) return '📝 Rehearsal: nothing has been changed';
  if (superseded !== undefined) return '⏭️ Superseded: a newer commit is live';
  if (fault !== undefined) return '⚠️ Unchanged, but what serves is not in order';
  if (frozen === true) return '❄️ Frozen: left as it is';
  if (previousServes === true) return '❌ Failed: the release before still serves';
  return restores !== undefined && status === 'deployed' ? '⏪ Gone back' : headline[status];
}

/** The job summary of a deployment whose process was ended. */
export function cutOffSummary(cutOff: {
  readonly service: string;
  readonly target: string;
  readonly release: string;
  readonly outcome: keyof typeof cutOffHeadline;
}): string {
  return [
    `### ${cutOffHeadline[cutOff.outcome]}: ${plain(cutOff.service)} on ${plain(cutOff.target)}`,
    `The deployment of ${code(cutOff.release)} was cut off.`,
    '',
  ].join('\n\n');
}

const cutOffHeadline = {
  deployed: '✅ Deployed',
  'rolled-back': '⚠️ Taken back: the release before serves again',
  failed: '❌ Failed: the service may be down',
  dropped: '⏹️ Cancelled: nothing was changed',
  'under way': '⏳ Not at its end yet: the next run, or `launch recover`, sees to it',
} as const;
