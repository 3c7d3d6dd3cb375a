import { createHash } from 'node:crypto';
import { code, plain, table } from '../markdown.ts';
import type { Channel } from './channel.ts';
import type { RefusedChannel } from './read-channels.ts';
import { isBad, type RunReport } from './run-report.ts';

/** What became of a message; nothing of it is a secret. */
export interface Delivery {
  readonly channel: string;
  readonly type: string;
  readonly ok: boolean;
  /** The HTTP status, or the code of the mail server. */
  readonly status?: number;
  readonly why?: string;
}

/** Channels that asked to be told of failures only have no delivery when there is none. */
export function wants({ on }: Pick<Channel, 'on'>, report: RunReport): boolean {
  return on === 'always' || report.status !== 'success' || report.services.some(isBad);
}

/**
 * The same for each try to deliver a message, and another for each run, attempt of it, channel, and what it tells of (a run may call
 * a workflow of Launch twice): by it a receiver tells that it
 * has a message already. Hexadecimal, 32 characters.
 */
export function deliveryId(report: RunReport, channel: Pick<Channel, 'name' | 'type'>): string {
  const { repository, run, title, status, services, jobs, facts, at } = report;
  const what = [
    repository,
    run?.id ?? at.toISOString(),
    run?.attempt,
    title,
    status,
    channel.type,
    channel.name,
    services.map(({ service, target, outcome }) => [service, target, outcome]),
    jobs.map(({ job, outcome }) => [job, outcome]),
    facts,
  ];
  return createHash('sha256').update(JSON.stringify(what)).digest('hex').slice(0, 32);
}

export function refusedDelivery({ position, type, why }: RefusedChannel): Delivery {
  return { channel: position === undefined ? type : `${type} #${position}`, type, ok: false, why };
}

/** For the job summary. */
export function deliverySummary(deliveries: readonly Delivery[]): string {
  const rows = deliveries.map(({ channel, type, ok, why, status }) => [
    plain(channel),
    code(type),
    ok ? 'delivered' : `not delivered: ${plain(why ?? '')}${status === undefined ? '' : ` (${status})`}`,
  ]);
  return ['### Notifications', table(['Channel', 'Kind', 'Result'], rows), ''].join('\n\n');
}
