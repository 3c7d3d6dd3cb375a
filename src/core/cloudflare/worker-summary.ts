import { formatDuration } from '../config/duration.ts';
import { code, codeBlock, link, plain, table } from '../markdown.ts';
import { serving } from './worker-failure.ts';
import type { SmokeTested, WorkerResult, WorkerStatus } from './worker-result.ts';
import type { WorkerOutcome } from './worker-set.ts';

const headline: Readonly<Record<WorkerStatus, string>> = {
  deployed: '✅ Deployed',
  unchanged: '✅ Unchanged',
  'rolled-back': '⚠️ Taken back: the version before has the traffic',
  failed: '❌ Failed',
  deleted: '🗑️ Deleted',
};

const tests: Readonly<Record<SmokeTested, string>> = {
  'before traffic': 'before it got traffic',
  afterwards: 'only once it had all of the traffic',
  no: 'none: give `smoke-url`, or `health:` in service.yml',
};

/** The job summary of one worker. */
export function workerSummary(result: WorkerResult): string {
  const { versionId, previousVersionId, commit, failure, plan } = result;
  const rows = [
    ...(versionId === undefined ? [] : [['Version', code(versionId)]]),
    ['Version before', previousVersionId === undefined ? 'none' : code(previousVersionId)],
    ...(commit === undefined ? [] : [['Commit', code(commit.slice(0, 12))]]),
    ['URL', result.urls.length === 0 ? 'none' : result.urls.map((url) => link(url, url)).join(', ')],
    ...(result.operation === 'delete' || result.status === 'unchanged'
      ? []
      : [['Smoke test', plain(tests[result.tested])]]),
    ['Duration', formatDuration(result.durationMs)],
  ];
  return [
    `### ${titleOf(result)}: ${plain(result.worker)}`,
    ...(failure === undefined ? [] : [`**${plain(failure.reason)}**`, plain(serving(result))]),
    ...(result.notTakenBack === undefined
      ? []
      : [`The version before could not be put back: **${plain(result.notTakenBack)}**`]),
    ...(failure === undefined || failure.lines.length === 0
      ? []
      : ['Last lines of what failed:', codeBlock(failure.lines)]),
    ...result.notices.map((notice) => `> ${plain(notice)}`),
    table(['', ''], rows),
    ...(plan === undefined ? [] : ['What would be done:', codeBlock(plan)]),
    '',
  ].join('\n\n');
}

/** Of a worker that was not touched: it failed before anything was done to it, or another one kept it back. */
export function untouchedSummary(outcome: Exclude<WorkerOutcome, { readonly kind: 'done' }>): string {
  const { service } = outcome;
  return outcome.kind === 'held-back'
    ? `### ⏭️ Left alone: ${plain(service)}\n\n${plain(outcome.because)} failed. What served before serves.\n\n`
    : `### ❌ Not deployed: ${plain(service)}\n\n**${plain(outcome.error.message)}**\n\n`;
}

function titleOf({ plan, status, operation, failure }: WorkerResult): string {
  if (plan !== undefined) return '📝 Rehearsal: nothing has been changed';
  if (failure?.cancelled === true) return '⏹️ Cancelled';
  return operation === 'rollback' && status === 'deployed' ? '⏪ Gone back' : headline[status];
}
