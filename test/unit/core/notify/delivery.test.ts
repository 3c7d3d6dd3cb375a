import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { deliveryId, deliverySummary, refusedDelivery, wants } from '../../../../src/core/notify/delivery.ts';
import { webhookHeaders } from '../../../../src/core/notify/webhook.ts';
import { report, service } from '../../../support/run-reports.ts';

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
      // A run that calls the same workflow twice.
      deliveryId(report({ services: [service({ service: 'other' })] }), channel),
      deliveryId(report({ facts: [{ name: 'Instance', value: 'acme' }] }), channel),
    ];
    expect(new Set([id, ...others]).size).toBe(7);
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
