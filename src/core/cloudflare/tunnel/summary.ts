import { code, codeBlock, link, plain, table } from '../../markdown.ts';
import type { RouteStatus, TunnelResult, TunnelStatus } from './result.ts';

const headline: Readonly<Record<TunnelStatus, string>> = {
  created: '✅ Tunnel made',
  updated: '✅ Tunnel brought up to date',
  unchanged: '✅ Tunnel unchanged',
  failed: '❌ Tunnel not connected',
  planned: '📝 Rehearsal: nothing has been changed',
  healthy: '✅ Tunnel healthy',
  degraded: '⚠️ Tunnel degraded',
  down: '❌ Tunnel down',
  inactive: '⚠️ Tunnel without a connector',
  absent: 'No such tunnel',
  removed: '🗑️ Tunnel removed',
  kept: '🗑️ Removed; something is left',
};

const dnsWords: Readonly<Record<RouteStatus['dns'], string>> = {
  launch: "Launch's record",
  other: "somebody else's record",
  missing: '**no record leads here**',
  unknown: 'in a zone that the token does not see',
};

/** The job summary of an operation on a tunnel. */
export function tunnelSummary(result: TunnelResult): string {
  const { name, tunnelId, url, ready, connector, failure } = result;
  const rows = [
    ['Tunnel', tunnelId === undefined ? code(name) : `${code(name)} ${code(tunnelId)}`],
    ...(url === undefined ? [] : [['URL', link(url, url)]]),
    ...(result.operation === 'remove' ? [] : [['Connected', ready ? 'yes' : '**no**']]),
    ...(connector === undefined
      ? []
      : [
          [
            'cloudflared',
            `${code(connector.name)} (${connector.kind}), ${connector.isRunning ? 'runs' : '**does not run**'}`,
          ],
        ]),
  ];
  const list = (title: string, items: readonly string[]) =>
    items.length === 0 ? [] : [[title, ...items.map((item) => `- ${plain(item)}`)].join('\n')];
  return [
    `### ${headline[result.status]}: ${plain(name)}`,
    ...(failure === undefined ? [] : [`**${plain(failure.reason)}** ${plain(failure.remedy)}`]),
    ...(failure === undefined || failure.lines.length === 0
      ? []
      : ['Last lines of cloudflared:', codeBlock(failure.lines)]),
    table(['', ''], rows),
    ...(result.routes.length === 0
      ? []
      : [
          table(
            ['Hostname', 'Leads to', 'DNS'],
            result.routes.map((it) => [code(it.hostname), code(it.service), dnsWords[it.dns]]),
          ),
        ]),
    ...list(result.status === 'planned' ? 'What would be done:' : 'What was done:', result.changes),
    ...list('What is left:', result.left),
    ...result.notices.map((notice) => `> ${plain(notice)}`),
    '',
  ].join('\n\n');
}
