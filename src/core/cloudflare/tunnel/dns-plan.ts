import { printable } from '../../names.ts';

/** A DNS record as far as it decides who has a name. */
export interface DnsRecord {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly content: string;
  readonly proxied?: boolean | undefined;
  readonly comment?: string | null | undefined;
}

/** The record that leads a hostname to a tunnel. */
export interface TunnelRecord {
  readonly type: 'CNAME';
  readonly name: string;
  readonly content: string;
  readonly proxied: true;
  /** 1: as Cloudflare sees fit, which is the only value of a proxied record. */
  readonly ttl: 1;
  readonly comment: string;
}

export type RecordPlan =
  | { readonly kind: 'none' }
  /** It leads to the tunnel, and somebody else made it: it stays theirs. */
  | { readonly kind: 'theirs' }
  | { readonly kind: 'create'; readonly record: TunnelRecord }
  | { readonly kind: 'update'; readonly id: string; readonly record: TunnelRecord; readonly from: string }
  | {
      readonly kind: 'replace';
      readonly ids: readonly string[];
      readonly record: TunnelRecord;
      readonly from: readonly string[];
    }
  | { readonly kind: 'refused'; readonly holders: readonly string[]; readonly mayBeTold: boolean };

/** What marks a record as Launch's, and which tunnel's it is; at most 100 characters, as free zones have it. */
export function commentOf(tunnel: string): string {
  return `Made by Launch: tunnel ${tunnel}`;
}

export function tunnelAddress(tunnelId: string): string {
  return `${tunnelId}.cfargotunnel.com`;
}

/** Whether Launch made the record for this tunnel. */
export function isOurs(record: DnsRecord, tunnel: string): boolean {
  return record.type === 'CNAME' && record.comment === commentOf(tunnel);
}

/** Other types, such as TXT, may stand beside a CNAME that is proxied. */
const exclusive = ['A', 'AAAA', 'CNAME', 'NS'];

/**
 * What to do about the records of a hostname so that it leads to the tunnel. A record of another owner is refused,
 * unless `overwrite`.
 *
 * @param tunnelId undefined for a tunnel that is yet to be made
 */
export function planRecord(
  records: readonly DnsRecord[],
  {
    hostname,
    tunnel,
    tunnelId,
    overwrite,
  }: {
    readonly hostname: string;
    readonly tunnel: string;
    readonly tunnelId: string | undefined;
    readonly overwrite: boolean;
  },
): RecordPlan {
  const content = tunnelAddress(tunnelId ?? 'new');
  const comment = commentOf(tunnel);
  const record: TunnelRecord = { type: 'CNAME', name: hostname, content, proxied: true, ttl: 1, comment };
  const holders = records.filter((it) => it.name.toLowerCase() === hostname && exclusive.includes(it.type));
  const [holder] = holders;
  if (holder === undefined) return { kind: 'create', record };
  if (holders.length === 1 && isOurs(holder, tunnel)) {
    if (holder.content === content && holder.proxied === true) return { kind: 'none' };
    return { kind: 'update', id: holder.id, record, from: describeRecord(holder) };
  }
  if (
    holders.length === 1 &&
    holder.type === 'CNAME' &&
    holder.content === content &&
    holder.proxied === true
  ) {
    return { kind: 'theirs' };
  }
  const from = holders.map(describeRecord);
  // A name server has that part of the zone: what Cloudflare holds below it nobody asks for.
  const mayBeTold = holders.every(({ type }) => type !== 'NS');
  if (!overwrite || !mayBeTold) return { kind: 'refused', holders: from, mayBeTold };
  return { kind: 'replace', ids: holders.map(({ id }) => id), record, from };
}

/** `A 192.0.2.1 ("made by hand")`: what is to be written down so that a person can put it back. */
export function describeRecord({ type, content, comment, proxied }: DnsRecord): string {
  const note = comment == null || comment === '' ? '' : ` ("${printable(comment, 100)}")`;
  return `${type} ${printable(content, 120)}${proxied === false ? ', not proxied' : ''}${note}`;
}
