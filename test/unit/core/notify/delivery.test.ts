import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { deliveryId, deliverySummary, refusedDelivery, wants } from '../../../../src/core/notify/delivery.ts';
import { mailMessage } from '../../../../src/core/notify/mail-message.ts';
import { webhookHeaders } from '../../../../src/core/notify/webhook.ts';
import { nasty, report } from '../../../support/run-reports.ts';

const channel = { name: 'slack #1', type: 'slack' } as const;

describe('a delivery', () => {
  it('has the same id at each try, and another for each run, attempt and channel', () => {
    const id = deliveryId(report(), channel);
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(deliveryId(report({ at: new Date() }), channel)).toBe(id);
    const others = [
      deliveryId(report({ run: { id: '8', attempt: 1 } }), channel),
      deliveryId(report({ run: { id: '7', attempt: 2 } }), channel),
      deliveryId(report({ title: 'Other' }), channel),
      deliveryId(report(), { ...channel, name: 'slack #2' }),
    ];
    expect(new Set([id, ...others]).size).toBe(5);
  });

  it('is wanted always, or of failures alone', () => {
    expect(wants({ on: 'always' }, report({ status: 'success', services: [] }))).toBe(true);
    expect(wants({ on: 'failure' }, report({ status: 'success', services: [] }))).toBe(false);
    for (const status of ['failure', 'partial', 'cancelled'] as const) {
      expect(wants({ on: 'failure' }, report({ status }))).toBe(true);
    }
  });

  it('is told in the summary, as text', () => {
    const refused = refusedDelivery({ position: 2, type: 'email', why: '<b>' });
    expect(refused).toEqual({ channel: 'email #2', type: 'email', ok: false, why: '<b>' });
    const summary = deliverySummary([refused, { channel: 'a|b', type: 'slack', ok: true, status: 200 }]);
    expect(summary).toContain('| email &#35;&#8288;2 | <code>email</code> | not delivered: &#60;b&#62; |');
    expect(summary).toContain('| a&#124;b | <code>slack</code> | delivered |');
  });
});

it('a webhook is signed together with its time', () => {
  const headers = webhookHeaders('{"a":1}', 'a secret of some length', 1_700_000_000, 'd1');
  const expected = createHmac('sha256', 'a secret of some length').update('1700000000.{"a":1}').digest('hex');
  expect(headers).toEqual({
    'x-launch-signature-256': `sha256=${expected}`,
    'x-launch-timestamp': '1700000000',
    'x-launch-delivery': 'd1',
  });
});

describe('a mail', () => {
  const message = (more: object = {}) =>
    mailMessage({
      ...{
        from: 'launch@example.org',
        to: ['ops@example.org', 'dev@example.org'],
        subject: 'Ünïcode 😀'.repeat(9),
      },
      ...{ text: 'text\n.\n', html: '<p>html</p>', date: new Date(0), id: 'abc123', ...more },
    });

  it('has its headers, and both of its parts', () => {
    const [head = '', ...parts] = message().split('--launch-abc123');
    expect(head).toContain('Date: Thu, 01 Jan 1970 00:00:00 +0000\r\nFrom: Launch <launch@example.org>\r\n');
    expect(head).toContain('To: ops@example.org,\r\n dev@example.org\r\n');
    expect(head).toContain('Message-ID: <abc123@example.org>\r\n');
    expect(head).toContain('Content-Type: multipart/alternative; boundary="launch-abc123"\r\n');
    expect(parts.map((part) => part.match(/Content-Type: (\S+);/)?.[1])).toEqual([
      'text/plain',
      'text/html',
      undefined,
    ]);
    const bodies = parts.map((part) => Buffer.from(part.split('\r\n\r\n')[1] ?? '', 'base64').toString());
    expect(bodies.slice(0, 2)).toEqual(['text\n.\n', '<p>html</p>']);
  });

  it('has a subject of whole characters', () => {
    const subject = message().match(/^Subject: (.*(?:\r\n .*)*)/m)?.[1] ?? '';
    const words = subject.split('\r\n ');
    for (const word of words) expect(word).toMatch(/^=\?UTF-8\?B\?[A-Za-z0-9+/=]+\?=$/);
    expect(Math.max(...words.map((word) => word.length))).toBeLessThanOrEqual(75);
    const decoded = words.map((word) => Buffer.from(word.slice(10, -2), 'base64').toString());
    expect(decoded.join('')).toBe('Ünïcode 😀'.repeat(9));
  });

  it('has no header, line or end that a text brings along', () => {
    const lines = message({ subject: nasty, text: `${nasty}\r\n--launch-abc123--`, html: nasty }).split(
      '\r\n',
    );
    expect(lines.filter((line) => /^(bcc|to|from|\.)/i.test(line))).toEqual([
      'From: Launch <launch@example.org>',
      'To: ops@example.org,',
    ]);
    expect(lines.filter((line) => line.startsWith('--'))).toHaveLength(3);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(79);
    expect(() => message({ from: 'a@b.c\r\nBcc: x@y.z' })).toThrow('not fit for a header');
  });
});
