import { formatDuration } from '../config/duration.ts';
import { code, codeBlock, link, plain, table } from '../markdown.ts';
import { formatCost, formatHourly } from './offer.ts';
import type { GpuResult, ShownInstance } from './result.ts';

const titles: Readonly<Record<string, string>> = {
  created: 'is made',
  adopted: 'was there already',
  planned: 'would be made',
  failed: 'is not as it should be',
  deleted: 'is deleted',
  absent: 'is not there',
};

/** The job summary of an operation, in Markdown. */
export function gpuSummary(result: GpuResult): string {
  const { operation, instance, instances, request, notices, failure, durationMs } = result;
  const shown = instance === null ? instances : [instance];
  return [
    `### GPU: ${titleOf(result)}`,
    ...(failure === undefined ? [] : [`**${failure.code}** ${plain(failure.message)}`]),
    ...(shown.length === 0 ? [] : [instanceTable(shown)]),
    ...(instance === null || operation === 'delete' ? [] : addresses(instance)),
    ...(request === null
      ? []
      : ['What would be sent:', codeBlock(JSON.stringify(request, null, 2).split('\n'), 'json')]),
    ...(notices.length === 0 ? [] : [notices.map((notice) => `- ${plain(notice)}`).join('\n')]),
    `${formatDuration(durationMs)}`,
  ].join('\n\n');
}

/** Of a run that was cut off; `outcome` is a sentence. */
export function cutOffGpuSummary(label: string, outcome: string): string {
  return [`### GPU: the run for ${code(label)} was cut off`, plain(outcome)].join('\n\n');
}

function titleOf({ operation, status, instance, instances }: GpuResult): string {
  if (operation === 'reap') {
    const count = instances.length;
    return status === 'nothing'
      ? 'nothing is past its time'
      : status === 'planned'
        ? `${count} past their time would be deleted`
        : `${count} past their time ${status === 'failed' ? 'were found, and not all could be deleted' : 'deleted'}`;
  }
  if (instance === null)
    return operation === 'status' && status === 'listed' ? `${instances.length} of Launch` : status;
  if (operation === 'delete' && status === 'planned') return `${code(instance.label)} would be deleted`;
  return `${code(instance.label)} ${titles[status] ?? `is ${plain(status)}`}`;
}

function instanceTable(instances: readonly ShownInstance[]): string {
  return table(
    ['label', 'id', 'state', 'type', 'region', 'address', 'cost', 'so far', 'deleted after'],
    instances.map((it) => [
      code(it.label),
      String(it.id),
      plain(it.status),
      code(it.type),
      code(it.region),
      it.ipv4 === null ? '' : code(it.ipv4),
      plain(formatHourly(it.hourlyCost ?? undefined)),
      it.costSoFar === null ? '' : plain(formatCost(it.costSoFar)),
      it.deleteAfter === null ? '**never by itself**' : plain(it.deleteAfter),
    ]),
  );
}

function addresses({ uiUrl, apiUrl }: ShownInstance): string[] {
  if (uiUrl === null || apiUrl === null) return [];
  return [`Chat: ${link(uiUrl, uiUrl)} · API: ${link(apiUrl, apiUrl)}`];
}
