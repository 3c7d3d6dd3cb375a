import { describe, expect, it } from '@jest/globals';
import {
  commentOf,
  type DnsRecord,
  describeRecord,
  planRecord,
  tunnelAddress,
} from '../../../../../src/core/cloudflare/tunnel/dns-plan.ts';

const tunnelId = '776fd674-2508-49e7-95b1-d5af256ce18d';
const wish = { hostname: 'chat.example.org', tunnel: 'shop', tunnelId, overwrite: false };
const record = {
  type: 'CNAME',
  name: 'chat.example.org',
  content: `${tunnelId}.cfargotunnel.com`,
  proxied: true,
  ttl: 1,
  comment: 'Made by Launch: tunnel shop',
} as const;
const at = (part: Partial<DnsRecord>): DnsRecord => ({ id: 'r1', ...record, ...part });

describe('the record of a hostname', () => {
  it('is made where there is none, and beside records that may stand there', () => {
    expect(planRecord([], wish)).toEqual({ kind: 'create', record });
    const beside = [at({ type: 'TXT', content: 'v=spf1' }), at({ type: 'A', name: 'other.example.org' })];
    expect(planRecord(beside, wish)).toEqual({ kind: 'create', record });
  });

  it('is left alone when it is right', () => {
    expect(planRecord([at({})], wish)).toEqual({ kind: 'none' });
  });

  it.each([
    ['leads to a tunnel that is gone', { content: tunnelAddress('00000000-0000-4000-8000-000000000000') }],
    ['is not proxied', { proxied: false }],
  ])('of Launch is set right when it %s', (_what, part) => {
    expect(planRecord([at(part)], wish)).toMatchObject({ kind: 'update', id: 'r1', record });
  });

  it('that leads there and that somebody else made stays theirs', () => {
    expect(planRecord([at({ comment: null })], wish)).toEqual({ kind: 'theirs' });
    expect(planRecord([at({ comment: 'by hand' })], { ...wish, overwrite: true })).toEqual({
      kind: 'theirs',
    });
  });

  it.each([
    ['an address', [at({ type: 'A', content: '192.0.2.1', comment: 'by hand', proxied: false })]],
    ['another name', [at({ content: 'elsewhere.example.com', comment: null })]],
    [
      "another tunnel of Launch's",
      [at({ comment: commentOf('other') })].map((it) => ({ ...it, content: 'x' })),
    ],
    ['its tunnel, not proxied', [at({ comment: null, proxied: false })]],
    [
      'several addresses',
      [at({ type: 'A', content: '192.0.2.1' }), at({ id: 'r2', type: 'AAAA', content: '2001:db8::1' })],
    ],
  ])('of somebody else, %s, is refused unless that was told', (_what, records) => {
    expect(planRecord(records, wish)).toMatchObject({ kind: 'refused', mayBeTold: true });
    expect(planRecord(records, { ...wish, overwrite: true })).toEqual({
      kind: 'replace',
      ids: records.map(({ id }) => id),
      record,
      from: records.map(describeRecord),
    });
  });

  it('is refused where other name servers have that part of the zone, whatever was told', () => {
    const delegated = [at({ type: 'NS', content: 'ns1.example.net', comment: null })];
    expect(planRecord(delegated, { ...wish, overwrite: true })).toMatchObject({
      kind: 'refused',
      mayBeTold: false,
    });
  });

  it('of a tunnel that is yet to be made is nobody else’s when it has the mark', () => {
    expect(planRecord([at({})], { ...wish, tunnelId: undefined })).toMatchObject({ kind: 'update' });
  });
});

it('the mark fits into a comment, however long the name is', () => {
  expect(commentOf('a'.repeat(63)).length).toBeLessThanOrEqual(100);
});

it('a foreign record is shown on one line', () => {
  const foreign = at({
    type: 'CNAME',
    content: 'x\n::set-output name=a::b',
    comment: 'a\u001b[31m',
    proxied: false,
  });
  expect(describeRecord(foreign)).toBe('CNAME x\\u000a::set-output name=a::b, not proxied ("a\\u001b[31m")');
});
