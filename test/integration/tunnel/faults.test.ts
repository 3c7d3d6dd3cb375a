import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Fault } from '../../support/cloudflare-api/faults.ts';
import { removeRepositories } from '../../support/repository.ts';
import { hostname, type TunnelHost, tunnelHost } from '../../support/tunnel.ts';

let host: TunnelHost;
beforeEach(async () => {
  host = await tunnelHost();
});
afterEach(async () => {
  await host.close();
  expect(host.cloudflare.refused).toEqual([]);
});
afterAll(removeRepositories);

/** Lets so many requests through and no further ones, as if the run had been ended there. */
function endAfter(requests: number): void {
  let left = requests;
  host.cloudflare.strike(() => {
    left -= 1;
    return left < 0 ? { status: 400 } : undefined;
  });
}

function expectWhole(): void {
  const [tunnel, ...more] = host.cloudflare.tunnels.live();
  expect(more).toEqual([]);
  expect(tunnel?.config).toEqual({
    ingress: [{ hostname, service: 'http://127.0.0.1:3080' }, { service: 'http_status:404' }],
  });
  expect(host.cloudflare.dns.named(hostname)).toMatchObject([{ content: `${tunnel?.id}.cfargotunnel.com` }]);
}

describe('a run that is ended at any request', () => {
  it('is finished by the next one, and so is a removal', async () => {
    await host.ensure();
    const made = host.cloudflare.requests.length;
    await host.remove({ confirm: 'shop' });
    const removed = host.cloudflare.requests.length - made;
    expect([made > 8, removed > 8]).toEqual([true, true]);
    for (let requests = 0; requests < made; requests += 1) {
      endAfter(requests);
      await expect(host.ensure()).rejects.toMatchObject({ code: 'API_ERROR' });
      host.cloudflare.strike(undefined);
      await host.ensure();
      expectWhole();
      expect(await host.ensure()).toMatchObject({ status: 'unchanged' });
      await host.remove({ confirm: 'shop' });
    }
    for (let requests = 0; requests < removed; requests += 1) {
      await host.ensure();
      endAfter(requests);
      await expect(host.remove({ confirm: 'shop' })).rejects.toMatchObject({ code: 'API_ERROR' });
      host.cloudflare.strike(undefined);
      expect(await host.remove({ confirm: 'shop' })).toMatchObject({ left: [] });
      expect([host.cloudflare.tunnels.live(), host.zone.records]).toEqual([[], []]);
    }
  });
});

describe('an answer that is lost', () => {
  const faults: readonly (readonly [string, Fault])[] = [
    ['a 503 before', { status: 503 }],
    ['a 503 after', { status: 503, afterwards: true }],
    ['a cut before', { cut: true }],
    ['a cut after', { cut: true, afterwards: true }],
    ['a 429', { status: 429, headers: { 'retry-after': '0' } }],
  ];
  const routes = [
    'GET /zones',
    'GET /accounts/*/cfd_tunnel',
    'POST /accounts/*/cfd_tunnel',
    'PUT /accounts/*/cfd_tunnel/*/configurations',
    'POST /zones/*/dns_records',
  ];

  it.each(routes.flatMap((route) => faults.map(([what, fault]) => [route, what, fault] as const)))(
    '%s: %s, and all is made once',
    async (route, _what, fault) => {
      host.cloudflare.fail(route, 1, fault);
      expect(await host.ensure()).toMatchObject({ status: 'created' });
      expectWhole();
    },
  );

  it('of a replacement of records leaves one record', async () => {
    host.cloudflare.dns.addRecord(host.zone, { name: hostname });
    host.cloudflare.fail('POST /zones/*/dns_records/batch', 1, { cut: true, afterwards: true });
    await host.ensure({ overwriteDns: true });
    expectWhole();
  });

  it('of a deletion is no fault', async () => {
    await host.ensure();
    host.cloudflare.fail('DELETE /zones/*/dns_records/*', 1, { cut: true, afterwards: true });
    host.cloudflare.fail('DELETE /accounts/*/cfd_tunnel/*', 1, { status: 503, afterwards: true });
    expect(await host.remove({ confirm: 'shop' })).toMatchObject({ status: 'removed', left: [] });
  });
});

describe('a token', () => {
  it.each([
    ['that is not right', 'not-the-right-token-0123456789abcdef0123'],
    ['with a line end', 'a\nb'],
  ])('%s changes nothing', async (_what, apiToken) => {
    await expect(host.ensure({ apiToken })).rejects.toMatchObject({
      code: 'API_AUTH',
      message: expect.not.stringContaining(apiToken),
    });
    expect(host.changes()).toEqual([]);
  });

  it('that may not write DNS leaves a tunnel that the next run finds', async () => {
    host.cloudflare.fail('POST /zones/*/dns_records', 1, {
      status: 403,
      body: {
        success: false,
        errors: [{ code: 10000, message: 'Authentication error' }],
        messages: [],
        result: null,
      },
    });
    await expect(host.ensure()).rejects.toMatchObject({ code: 'API_AUTH' });
    expect(await host.ensure()).toMatchObject({ status: 'updated' });
    expectWhole();
  });
});

it('a run that is cancelled says so', async () => {
  const controller = new AbortController();
  host.cloudflare.fail('GET /zones', 1, { hang: true });
  const run = host.ensure({ signal: controller.signal });
  setTimeout(() => controller.abort(), 200);
  await expect(run).rejects.toMatchObject({ code: 'CANCELLED' });
});
