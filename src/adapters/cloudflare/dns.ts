import * as z from 'zod/mini';
import type { DnsRecord, TunnelRecord } from '../../core/cloudflare/tunnel/dns-plan.ts';
import type { CloudflareClient } from './api.ts';
import { apiPath } from './api-path.ts';
import { readResult } from './result.ts';

const zone = z.object({
  id: z.string(),
  name: z.string(),
  status: z.nullish(z.string()),
  account: z.nullish(z.object({ id: z.nullish(z.string()) })),
});

const dnsRecord = z.object({
  id: z.string(),
  type: z.string(),
  name: z.string(),
  content: z._default(z.string(), ''),
  proxied: z.optional(z.boolean()),
  comment: z.nullish(z.string()),
});

export interface Zone {
  readonly id: string;
  readonly name: string;
  /** `active` once its domain's name servers are Cloudflare's. */
  readonly status: string;
  /** Undefined where the token may not see it. */
  readonly accountId: string | undefined;
}

/** Zones and their records. Each call throws what `CloudflareClient.request` throws. */
export interface Dns {
  /** By its exact name; undefined when the token sees none. */
  findZone(name: string): Promise<Zone | undefined>;
  /** All records of a name. */
  named(zoneId: string, name: string): Promise<DnsRecord[]>;
  /** The CNAME records that lead to an address. */
  leadingTo(zoneId: string, address: string): Promise<DnsRecord[]>;
  create(zoneId: string, record: TunnelRecord): Promise<void>;
  update(zoneId: string, id: string, record: TunnelRecord): Promise<void>;
  /** Takes some records away and makes another, in one transaction. */
  replace(zoneId: string, ids: readonly string[], record: TunnelRecord): Promise<void>;
  remove(zoneId: string, id: string): Promise<void>;
}

export function dnsOf(client: CloudflareClient): Dns {
  const recordsOf = (zoneId: string) => apiPath`/zones/${zoneId}/dns_records`;
  const list = async (zoneId: string, query: Readonly<Record<string, string>>): Promise<DnsRecord[]> => {
    const found: DnsRecord[] = [];
    for await (const item of client.list(recordsOf(zoneId), { query })) {
      found.push(readResult(dnsRecord, item, recordsOf(zoneId)));
    }
    return found;
  };
  return {
    async findZone(name) {
      for await (const item of client.list('/zones', { query: { name }, pageSize: 50 })) {
        const found = readResult(zone, item, '/zones');
        if (found.name !== name) continue;
        const { id, status, account } = found;
        return { id, name, status: status ?? 'active', accountId: account?.id ?? undefined };
      }
      return undefined;
    },
    named: async (zoneId, name) => await list(zoneId, { 'name.exact': name }),
    leadingTo: async (zoneId, address) => await list(zoneId, { type: 'CNAME', 'content.exact': address }),
    async create(zoneId, record) {
      await client.request('POST', recordsOf(zoneId), { body: record });
    },
    async update(zoneId, id, record) {
      await client.request('PUT', `${recordsOf(zoneId)}${apiPath`/${id}`}`, { body: record });
    },
    async replace(zoneId, ids, record) {
      const body = { deletes: ids.map((id) => ({ id })), posts: [record] };
      await client.request('POST', `${recordsOf(zoneId)}/batch`, { body });
    },
    async remove(zoneId, id) {
      await client.request('DELETE', `${recordsOf(zoneId)}${apiPath`/${id}`}`);
    },
  };
}
