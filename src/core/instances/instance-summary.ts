import { formatDuration } from '../config/duration.ts';
import { code, link, plain, table } from '../markdown.ts';
import type { InstanceResult, InstanceStatus } from './instance-result.ts';

const headline: Readonly<Record<InstanceStatus, string>> = {
  deployed: '✅ Deployed',
  unchanged: '✅ Unchanged: everything was as it should be',
  failed: '❌ Failed: the next run goes on from here',
  destroyed: '🗑️ Destroyed',
  planned: '📝 Rehearsal: nothing has been changed',
  ready: '✅ Ready',
  incomplete: '⚠️ Incomplete',
  absent: '∅ Not there',
};

/** The job summary of one instance. */
export function instanceSummary(result: InstanceResult): string {
  const { status, instanceId, organisation, resources, urls, failure, notices, durationMs } = result;
  const addresses = Object.entries(urls);
  return [
    `### ${headline[status]}: instance ${plain(instanceId)}`,
    ...(failure === undefined ? [] : [`**${plain(failure.message)}**`]),
    ...notices.map((notice) => `> ${plain(notice)}`),
    ...(addresses.length === 0
      ? []
      : [
          table(
            ['Worker', 'URL'],
            addresses.map(([service, url]) => [code(service), link(url, url)]),
          ),
        ]),
    ...(resources.length === 0
      ? []
      : [
          table(
            ['', 'Name', ''],
            resources.map(({ kind, name, state, note }) => [
              kind,
              code(name),
              note === undefined ? state : `${state}: ${plain(note)}`,
            ]),
          ),
        ]),
    `${organisation === undefined ? '' : `Organisation ${code(organisation)}, `}${formatDuration(durationMs)}`,
    '',
  ].join('\n\n');
}

/** One line for the table of many instances. */
export function instanceCounts({ resources }: InstanceResult): string {
  const counts = new Map<string, number>();
  for (const { state } of resources) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].map(([state, count]) => `${count} ${state}`).join(', ');
}
