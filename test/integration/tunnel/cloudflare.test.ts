import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parseOrigin } from '../../../src/core/cloudflare/tunnel/origin.ts';
import { removeRepositories } from '../../support/repository.ts';
import { hostname, type TunnelHost, tunnelHost } from '../../support/tunnel.ts';

const comment = 'Made by Launch: tunnel shop';
const other = {
  hostname: 'other.example.org',
  service: 'http://other:80',
  originRequest: { noTLSVerify: true },
};
const last = { service: 'http_status:404' };

let host: TunnelHost;
beforeEach(async () => {
  host = await tunnelHost();
});
afterEach(async () => {
  await host.close();
  expect(host.cloudflare.refused).toEqual([]);
});
afterAll(removeRepositories);

const tunnel = () => {
  const [found] = host.cloudflare.tunnels.live();
  if (found === undefined) throw new Error('there is no tunnel');
  return found;
};
const named = () => host.cloudflare.dns.named(hostname);

describe('a hostname', () => {
  it('leads through a new tunnel, in the zone with the longest name', async () => {
    const result = await host.ensure();
    expect(result).toMatchObject({ status: 'created', tunnelId: tunnel().id, hostname, ready: false });
    expect(tunnel()).toMatchObject({
      name: 'shop',
      configSource: 'cloudflare',
      config: { ingress: [{ hostname, service: 'http://127.0.0.1:3080' }, last] },
    });
    expect(host.zone.records).toMatchObject([
      { type: 'CNAME', name: hostname, content: `${tunnel().id}.cfargotunnel.com`, proxied: true, comment },
    ]);
    // The record is the last to come.
    expect(host.changes()).toEqual([
      'POST /accounts/…/cfd_tunnel',
      'PUT /accounts/…/cfd_tunnel/…/configurations',
      'POST /zones/…/dns_records',
    ]);
    expect(result.notices).toEqual([expect.stringContaining('1033')]);
  });

  it('is left alone the second time, but for looking', async () => {
    await host.ensure();
    tunnel().connectors = 1;
    host.changes();
    expect(await host.ensure()).toMatchObject({ status: 'unchanged', ready: true, changes: [], notices: [] });
    expect(host.changes()).toEqual([]);
  });

  it('shares a tunnel with others, whose rules and settings stay', async () => {
    const config = { 'warp-routing': { enabled: true }, ingress: [other, last] };
    host.cloudflare.tunnels.add({ name: 'shop', config, version: 3 });
    expect(await host.ensure()).toMatchObject({ status: 'updated' });
    expect(tunnel().config).toEqual({
      ...config,
      ingress: [other, { hostname, service: 'http://127.0.0.1:3080' }, last],
    });
    expect(await host.ensure({ origin: parseOrigin('http://127.0.0.1:4000', 'service') })).toMatchObject({
      changes: [`led ${hostname} to http://127.0.0.1:4000 in place of http://127.0.0.1:3080`],
    });
    expect(await host.remove({ hostname })).toMatchObject({
      status: 'kept',
      left: [expect.stringContaining('because it leads other.example.org (http://other:80)')],
    });
    expect(tunnel().config).toEqual(config);
  });

  it('of a deleted tunnel of the same name leads to the new one', async () => {
    await host.ensure();
    tunnel().deletedAt = 'yesterday';
    expect(await host.ensure()).toMatchObject({ status: 'created' });
    expect(named()).toMatchObject([{ content: `${tunnel().id}.cfargotunnel.com` }]);
  });

  it('is only planned in a rehearsal', async () => {
    const planned = [
      'made the tunnel shop',
      `led ${hostname} to http://127.0.0.1:3080`,
      'seen to it that cloudflared runs here (compose)',
      `made the DNS record of ${hostname}`,
    ];
    expect(await host.ensure({ dryRun: true, runAs: 'compose' })).toMatchObject({
      status: 'planned',
      changes: planned,
    });
    await host.ensure();
    host.changes();
    const next = { dryRun: true, origin: parseOrigin('http://127.0.0.1:1', 'service') };
    expect(await host.ensure(next)).toMatchObject({ status: 'planned', tunnelId: tunnel().id });
    expect(await host.remove({ dryRun: true, confirm: 'shop' })).toMatchObject({
      status: 'planned',
      changes: [
        `deleted the DNS record of ${hostname}`,
        `took ${hostname} out of the tunnel`,
        'deleted the tunnel shop',
      ],
    });
    expect(host.changes()).toEqual([]);
  });

  it('with a wildcard has a rule and a record, and is no website', async () => {
    expect(await host.ensure({ hostname: '*.shop.example.org' })).toMatchObject({ url: undefined });
    expect(host.cloudflare.dns.named('*.shop.example.org')).toHaveLength(1);
  });
});

describe('a name of somebody else', () => {
  it('is refused before anything changes, unless that was told', async () => {
    const [first, second] = ['192.0.2.1', '192.0.2.2'].map((content) =>
      host.cloudflare.dns.addRecord(host.zone, { name: hostname, content, comment: 'by hand' }),
    );
    await expect(host.ensure()).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(
        /A 192\.0\.2\.1, not proxied \("by hand"\), A 192\.0\.2\.2.*--overwrite-dns/,
      ),
    });
    expect(host.changes()).toEqual([]);
    expect(named()).toEqual([first, second]);

    expect(await host.ensure({ overwriteDns: true })).toMatchObject({
      changes: expect.arrayContaining([
        `replaced the DNS record of ${hostname}, which was A 192.0.2.1, not proxied ("by hand"), A 192.0.2.2, not proxied ("by hand")`,
      ]),
    });
    expect(named()).toMatchObject([{ type: 'CNAME', comment }]);
    // In one transaction.
    expect(host.changes()).toContain('POST /zones/…/dns_records/batch');
  });

  it('that leads to the tunnel already is left alone, also by a removal', async () => {
    const { id } = host.cloudflare.tunnels.add({ name: 'shop' });
    const theirs = host.cloudflare.dns.addRecord(host.zone, {
      ...{ name: hostname, type: 'CNAME', proxied: true, content: `${id}.cfargotunnel.com` },
    });
    expect(await host.ensure()).toMatchObject({
      routes: [{ dns: 'other' }],
      notices: expect.arrayContaining([expect.stringContaining('Launch did not make it')]),
    });
    expect(await host.status()).toMatchObject({ status: 'inactive', routes: [{ hostname, dns: 'other' }] });
    expect(await host.remove({ confirm: 'shop' })).toMatchObject({
      status: 'kept',
      left: [expect.stringContaining('which Launch did not make')],
    });
    expect(named()).toEqual([theirs]);
  });

  it.each([
    [
      'no zone of the token',
      { hostname: 'chat.example.net' },
      /sees no zone for chat\.example\.net \(chat\.example\.net, example\.net\)/,
    ],
    ['a zone that is not its end', { zone: 'example.com' }, /has to be the end of the hostname/],
  ])('has %s', async (_what, part, message) => {
    await expect(host.ensure(part)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(message),
    });
    expect(host.changes()).toEqual([]);
  });

  it('lies in a zone of another account, or in one that is not in use yet', async () => {
    host.cloudflare.dns.addZone('elsewhere.example', { accountId: 'f'.repeat(32) });
    await expect(host.ensure({ hostname: 'a.elsewhere.example' })).rejects.toThrow(/is in another account/);
    host.cloudflare.dns.addZone('pending.example', { status: 'pending' });
    expect(await host.ensure({ hostname: 'a.pending.example' })).toMatchObject({
      notices: [expect.stringContaining('pending.example is pending'), expect.anything()],
    });
  });
});

it('a tunnel that a file on its host configures is not touched', async () => {
  host.cloudflare.tunnels.add({ name: 'shop', configSource: 'local' });
  await expect(host.ensure()).rejects.toThrow(/configured by a file on its host/);
  await expect(host.remove()).rejects.toThrow(/configured by a file on its host/);
  expect(host.changes()).toEqual([]);
});

describe('a removal', () => {
  it('leaves the tunnel when its name was not typed again, and refuses another name', async () => {
    await host.ensure();
    await expect(host.remove({ confirm: 'shopp' })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    expect(named()).toHaveLength(1);
    expect(await host.remove()).toMatchObject({
      status: 'kept',
      left: [expect.stringContaining('type its name again as `confirm`')],
    });
    expect([named(), tunnel().config]).toEqual([[], { ingress: [last] }]);
    expect(await host.remove({ confirm: 'shop' })).toMatchObject({ status: 'removed', left: [] });
  });

  it('takes all hostnames by their marks, also on a host that knows nothing, and no other', async () => {
    await host.ensure();
    await host.ensure({ hostname: 'api.shop.example.org' });
    tunnel().config = { ingress: [other, ...((tunnel().config?.['ingress'] as unknown[]) ?? [])] };
    const elsewhere = { hostname: undefined, stateDir: `${host.stateRoot}/elsewhere` };
    expect(await host.remove(elsewhere)).toMatchObject({ status: 'kept' });
    expect(host.zone.records).toEqual([]);
    expect(tunnel().config).toEqual({ ingress: [other, last] });
  });

  it('says when a cloudflared elsewhere keeps the tunnel', async () => {
    await host.ensure();
    tunnel().connectors = 2;
    const timer = setTimeout(() => {
      tunnel().connectors = 0;
    }, 500);
    // One that is just about to go is waited for.
    expect(await host.remove({ confirm: 'shop' })).toMatchObject({ status: 'removed' });
    clearTimeout(timer);
  });
});

describe('two runs at once', () => {
  it('on one host take turns, and both rules are there', async () => {
    const hostnames = ['a', 'b', 'c', 'd'].map((name) => `${name}.shop.example.org`);
    await Promise.all(hostnames.map(async (name) => await host.ensure({ hostname: name })));
    const rules = [...hostnames.map((name) => expect.objectContaining({ hostname: name })), last];
    expect(tunnel().config).toMatchObject({ ingress: expect.arrayContaining(rules) });
    expect(host.zone.records.map(({ name }) => name).sort()).toEqual(hostnames);
    expect(host.cloudflare.tunnels.live()).toHaveLength(1);
  });

  it('on two hosts make one tunnel', async () => {
    const elsewhere = { stateDir: `${host.stateRoot}/elsewhere`, hostname: 'api.shop.example.org' };
    await Promise.all([host.ensure(), host.ensure(elsewhere)]);
    expect(host.cloudflare.tunnels.live()).toHaveLength(1);
    expect(host.zone.records).toHaveLength(2);
  });

  it('on two hosts see when one has overwritten the rule of the other, and write it again', async () => {
    const { id } = host.cloudflare.tunnels.add({ name: 'shop', config: { ingress: [last] }, version: 1 });
    let puts = 0;
    host.cloudflare.strike((method, path) => {
      if (!path.endsWith(`${id}/configurations`)) return undefined;
      if (method === 'PUT') {
        puts += 1;
        // Another host has written between our reading and our writing …
        if (puts === 1) tunnel().version += 1;
      } else if (puts === 1) {
        puts += 1;
        // … and once more after that, of what it had read before.
        tunnel().config = { ingress: [other, last] };
      }
      return undefined;
    });
    await host.ensure();
    expect(host.reporter.warnings[0]).toContain('Somebody else changed the configuration');
    expect(tunnel().config).toEqual({
      ingress: [other, { hostname, service: 'http://127.0.0.1:3080' }, last],
    });
  });
});
