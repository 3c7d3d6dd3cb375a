// Zones and their DNS records, as far as they decide who has a name.
import { randomBytes } from 'node:crypto';
import {
  type CloudflareRequest,
  fields,
  Malformed,
  ok,
  page,
  Refused,
  type Routes,
  record,
  text,
} from './envelope.ts';
import { onlyQuery } from './tunnels.ts';

export interface FakeRecord {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly content: string;
  readonly proxied: boolean;
  readonly ttl: number;
  readonly comment: string | null;
}

export interface FakeZone {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly accountId: string;
  readonly records: FakeRecord[];
}

export interface DnsState {
  readonly zones: FakeZone[];
  addZone(name: string, part?: Partial<FakeZone>): FakeZone;
  /** A record that was there before. */
  addRecord(zone: FakeZone, part: Partial<FakeRecord> & { readonly name: string }): FakeRecord;
  /** Of all zones. */
  named(name: string): FakeRecord[];
}

export function dnsState(accountId: string): DnsState {
  const zones: FakeZone[] = [];
  return {
    zones,
    addZone(name, part = {}) {
      const zone = {
        id: randomBytes(16).toString('hex'),
        name,
        status: 'active',
        accountId,
        records: [],
        ...part,
      };
      zones.push(zone);
      return zone;
    },
    addRecord(zone, part) {
      const made = {
        id: randomBytes(16).toString('hex'),
        type: 'A',
        content: '192.0.2.1',
        proxied: false,
        ttl: 1,
        comment: null,
        ...part,
      };
      zone.records.push(made);
      return made;
    },
    named: (name) => zones.flatMap(({ records }) => records.filter((it) => it.name === name)),
  };
}

const recordFields = ['type', 'name', 'content', 'proxied', 'ttl', 'comment'] as const;
const exclusive = ['A', 'AAAA', 'CNAME'];

export function dnsRoutes({ zones }: DnsState): Routes {
  const base = '/zones/:zone/dns_records';
  const find = ({ params }: CloudflareRequest): FakeZone => {
    const zone = zones.find(({ id }) => id === params['zone']);
    if (zone === undefined) throw new Refused(404, 7003, 'Could not route to the zone');
    return zone;
  };
  const indexOf = (zone: FakeZone, id: unknown): number => {
    const at = zone.records.findIndex((it) => it.id === id);
    // (the code unverified)
    if (at === -1) throw new Refused(404, 81044, 'Record does not exist.');
    return at;
  };
  const add = (zone: FakeZone, given: Record<string, unknown>): FakeRecord => {
    const made = { id: randomBytes(16).toString('hex'), ...parseRecord(zone, given) };
    assertFree(zone, made);
    zone.records.push(made);
    return made;
  };
  return {
    'GET /zones': (request) => {
      onlyQuery(request, ['name', 'account.id', 'page', 'per_page']);
      const { name, 'account.id': account } = request.query;
      return page(
        zones
          .filter((it) => name === undefined || it.name === name)
          .filter((it) => account === undefined || it.accountId === account)
          .map(({ records: _, accountId, ...zone }) => ({
            ...zone,
            account: { id: accountId, name: 'Octo' },
          })),
        request,
        { least: 5, most: 50, usual: 20 },
      );
    },
    [`GET ${base}`]: (request) => {
      onlyQuery(request, ['name.exact', 'content.exact', 'type', 'page', 'per_page']);
      const { 'name.exact': name, 'content.exact': content, type } = request.query;
      return page(
        find(request)
          .records.filter((it) => name === undefined || it.name === name.toLowerCase())
          .filter((it) => content === undefined || it.content === content)
          .filter((it) => type === undefined || it.type === type),
        request,
        { least: 1, most: 5_000_000, usual: 100 },
      );
    },
    [`POST ${base}`]: (request) => ok(add(find(request), fields(request, recordFields))),
    [`PUT ${base}/:id`]: (request) => {
      const zone = find(request);
      const at = indexOf(zone, request.params['id']);
      const made = { id: String(request.params['id']), ...parseRecord(zone, fields(request, recordFields)) };
      zone.records.splice(at, 1);
      assertFree(zone, made);
      zone.records.splice(at, 0, made);
      return ok(made);
    },
    [`DELETE ${base}/:id`]: (request) => {
      const zone = find(request);
      zone.records.splice(indexOf(zone, request.params['id']), 1);
      return ok({ id: request.params['id'] });
    },
    [`POST ${base}/batch`]: (request) => {
      const zone = find(request);
      const { deletes = [], posts = [] } = fields(request, ['deletes', 'posts']);
      if (!Array.isArray(deletes) || !Array.isArray(posts))
        throw new Malformed('deletes and posts are lists');
      // One transaction: all of it or nothing.
      const before = [...zone.records];
      try {
        for (const item of deletes) zone.records.splice(indexOf(zone, record(item, 'a delete')['id']), 1);
        const made = posts.map((item) => add(zone, record(item, 'a post')));
        return ok({ deletes, posts: made, patches: null, puts: null });
      } catch (error) {
        zone.records.splice(0, zone.records.length, ...before);
        throw error;
      }
    },
  };
}

function parseRecord(zone: FakeZone, given: Record<string, unknown>): Omit<FakeRecord, 'id'> {
  const name = text(given['name'], 'name').toLowerCase();
  const comment = given['comment'] ?? null;
  if (name !== zone.name && !name.endsWith(`.${zone.name}`)) {
    throw new Refused(400, 9000, 'DNS name is invalid.');
  }
  if (comment !== null && text(comment, 'comment').length > 100) {
    throw new Refused(400, 9313, 'Comment exceeds the maximum length of 100 characters.');
  }
  if (typeof given['proxied'] !== 'boolean') throw new Malformed('proxied is no boolean');
  if (given['ttl'] !== 1) throw new Malformed('ttl of a proxied record is not 1');
  return {
    type: text(given['type'], 'type'),
    name,
    content: text(given['content'], 'content'),
    proxied: given['proxied'],
    ttl: 1,
    comment: comment === null ? null : String(comment),
  };
}

function assertFree(zone: FakeZone, made: FakeRecord): void {
  if (!exclusive.includes(made.type)) return;
  const other = zone.records.find((it) => it.name === made.name && exclusive.includes(it.type));
  if (other === undefined) return;
  throw new Refused(400, 81053, 'An A, AAAA, or CNAME record with that host already exists.');
}
