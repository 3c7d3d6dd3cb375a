import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, it } from '@jest/globals';
import { serveRelease } from '../../support/cloudflared/stand-in.ts';
import { closeServers } from '../../support/local-server.ts';
import { removeRepositories } from '../../support/repository.ts';
import type { FakeSystemd } from '../../support/systemd/fake-systemd.ts';
import { systemdTunnelHost } from '../../support/systemd/tunnel-host.ts';
import { requireTools } from '../../support/tools.ts';
import { hostname, type TunnelHost } from '../../support/tunnel.ts';

const suite = requireTools('busybox', 'flock', 'systemd-analyze');
const unit = 'launch-tunnel-shop.service';

let systemd: FakeSystemd;
let host: TunnelHost;
let release: Awaited<ReturnType<typeof systemdTunnelHost>>['release'];
let settings: Awaited<ReturnType<typeof systemdTunnelHost>>['settings'];
beforeEach(async () => {
  ({ systemd, host, release, settings } = await systemdTunnelHost());
});
afterEach(async () => {
  systemd.stop();
  await host.close();
  closeServers();
  expect(host.cloudflare.refused).toEqual([]);
});
afterAll(removeRepositories);

const portOf = (name: string) =>
  /--metrics 127\.0\.0\.1:(\d+)/.exec(readFileSync(join(systemd.folders.units, name), 'utf8'))?.[1];
const unitFile = () => join(systemd.folders.units, unit);
const tokens = () => readdirSync(systemd.folders.tokens);
const token = () => host.cloudflare.tunnels.tokenOf(host.cloudflare.tunnels.live()[0] ?? never());
const never = () => {
  throw new Error('there is no tunnel');
};

/** One that has ended and that nobody has waited for has no command line any more. */
const isRunning = (pid: number) =>
  existsSync(`/proc/${pid}`) && readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';

/** Everything that is to stay away from the token: logs, arguments, environment, files that others may read. */
function assertTokenIsHidden(): void {
  const pid = systemd.pidOf(unit) ?? 0;
  const shown = [
    ...host.reporter.lines,
    ...host.reporter.warnings,
    ...systemd.calls(),
    ...systemd.asRoot(),
    readFileSync(unitFile(), 'utf8'),
    readFileSync(join(host.folder, 'tunnel.json'), 'utf8'),
    existsSync(`/proc/${pid}`) ? readFileSync(`/proc/${pid}/cmdline`, 'utf8') : '',
    existsSync(`/proc/${pid}`) ? readFileSync(`/proc/${pid}/environ`, 'utf8') : '',
  ].join('\n');
  for (const secret of [token(), host.cloudflare.token]) expect(shown).not.toContain(secret);
  expect(host.secrets).toContain(token());
}

suite('a connector as a systemd unit', () => {
  it('is installed, enabled at boot and connected, and the second run changes nothing', async () => {
    host.cloudflare.tunnels.nextSecret = 'slow';
    expect(await host.ensure()).toMatchObject({
      status: 'created',
      ready: true,
      url: `https://${hostname}`,
      connector: { kind: 'systemd', name: unit, isRunning: true },
      changes: [
        'made the tunnel shop',
        `led ${hostname} to http://127.0.0.1:3080`,
        'installed cloudflared 2026.7.3 (systemd)',
        'wrote the token for root alone (systemd)',
        `wrote the unit ${unit} (systemd)`,
        'enabled it at boot (systemd)',
        'started it (systemd)',
        `made the DNS record of ${hostname}`,
      ],
    });
    // The wait for the connection was told.
    expect(host.reporter.lines.join('\n')).toMatch(/ready: attempt \d+: .*503/);
    expect(systemd.calls()).toEqual([
      'systemctl daemon-reload',
      `systemctl enable ${unit}`,
      `systemctl restart ${unit}`,
    ]);
    expect(systemd.isEnabled(unit)).toBe(true);
    expect(statSync(join(systemd.folders.tokens, tokens()[0] ?? '')).mode & 0o777).toBe(0o600);
    expect(statSync(systemd.folders.tokens).mode & 0o777).toBe(0o700);
    expect(release.asked).toEqual(['/releases/2026.7.3/cloudflared-linux-test']);
    assertTokenIsHidden();

    const pid = systemd.pidOf(unit);
    host.changes();
    expect(await host.ensure()).toMatchObject({ status: 'unchanged', ready: true, changes: [] });
    expect(host.changes()).toEqual([]);
    expect(systemd.calls()).toHaveLength(3);
    expect(systemd.pidOf(unit)).toBe(pid);
    expect(release.asked).toHaveLength(1);
    expect(host.reporter.lines.at(-1)).toBe('Nothing had to be changed.');
    expect(await host.status()).toMatchObject({ ready: true, routes: [{ hostname, dns: 'launch' }] });
  });

  it('is a unit that systemd itself takes, with a low exposure', async () => {
    await host.ensure();
    // The real program that reads units; nothing is started.
    const text = execFileSync('systemd-analyze', ['verify', '--man=no', unitFile()], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
    expect(text).toBe('');
    const security = execFileSync(
      'systemd-analyze',
      ['security', '--offline=yes', '--threshold=30', '--no-pager', unitFile()],
      { encoding: 'utf8', stdio: 'pipe' },
    );
    expect(security).toMatch(/Overall exposure level for launch-tunnel-shop\.service: [0-2]\.\d/);
  });

  it('is started anew when the token was rotated, and the old token is gone', async () => {
    await host.ensure();
    const [before] = tokens();
    const pid = systemd.pidOf(unit);
    const [tunnel] = host.cloudflare.tunnels.live();
    if (tunnel !== undefined) tunnel.secret = Buffer.from('another secret').toString('base64');
    expect(await host.ensure()).toMatchObject({
      status: 'updated',
      changes: [
        'wrote the token for root alone (systemd)',
        `wrote the unit ${unit} (systemd)`,
        'started it anew (systemd)',
      ],
    });
    expect(tokens()).toHaveLength(1);
    expect(tokens()).not.toContain(before);
    expect(systemd.pidOf(unit)).not.toBe(pid);
    assertTokenIsHidden();
  });

  it('is brought back when somebody stopped it, changed its unit or its program', async () => {
    await host.ensure();
    systemd.stop();
    expect(await host.ensure()).toMatchObject({ changes: ['started it (systemd)'], ready: true });
    writeFileSync(unitFile(), '[Service]\nExecStart=/bin/false\n');
    expect(await host.ensure()).toMatchObject({ changes: [`wrote the unit ${unit} (systemd)`], ready: true });
    writeFileSync(join(systemd.folders.programs, 'cloudflared-2026.7.3'), 'not cloudflared');
    expect(await host.ensure()).toMatchObject({
      changes: ['installed cloudflared 2026.7.3 (systemd)'],
      ready: true,
    });
  });

  it('that does not connect fails, leaves the name alone, and its token is not in the lines that are shown', async () => {
    host.cloudflare.tunnels.nextSecret = 'offline';
    const result = await host.ensure({ timeoutMs: 1500 });
    expect(result).toMatchObject({
      status: 'failed',
      ready: false,
      connector: { isRunning: true },
      failure: {
        code: 'HEALTH_FAILED',
        reason: expect.stringContaining('503'),
        remedy: expect.stringContaining(`The DNS record of ${hostname} was left as it is.`),
      },
    });
    expect(result.failure?.lines.join('\n')).toContain('Failed to dial a quic connection');
    expect(result.failure?.lines.join('\n')).toContain('token=***');
    expect(host.cloudflare.dns.named(hostname)).toEqual([]);
    expect(host.changes()).not.toContain('POST /zones/…/dns_records');
    assertTokenIsHidden();
    // Nothing is connected, so that only the network was missing: the next run has the rest to do.
    const [tunnel] = host.cloudflare.tunnels.live();
    if (tunnel !== undefined) tunnel.secret = Buffer.from('online').toString('base64');
    expect(await host.ensure()).toMatchObject({ status: 'updated', ready: true });
    expect(host.cloudflare.dns.named(hostname)).toHaveLength(1);
  });

  it('that ends at once fails with what it printed', async () => {
    host.cloudflare.tunnels.nextSecret = 'crash';
    expect(await host.ensure({ timeoutMs: 1500 })).toMatchObject({
      status: 'failed',
      connector: { isRunning: false },
      failure: { lines: expect.arrayContaining([expect.stringContaining('Invalid tunnel secret')]) },
    });
  });

  it('is removed with all that belongs to it, and the second removal finds nothing', async () => {
    await host.ensure();
    const pid = systemd.pidOf(unit) ?? 0;
    expect(await host.remove({ confirm: 'shop' })).toMatchObject({
      status: 'removed',
      left: [],
      changes: [
        `deleted the DNS record of ${hostname}`,
        `took ${hostname} out of the tunnel`,
        `removed the unit ${unit}`,
        'removed its token',
        'removed cloudflared',
        'deleted the tunnel shop',
      ],
    });
    expect(systemd.calls().slice(-2)).toEqual([`systemctl disable --now ${unit}`, 'systemctl daemon-reload']);
    expect([existsSync(unitFile()), tokens(), readdirSync(systemd.folders.programs)]).toEqual([
      false,
      [],
      [],
    ]);
    expect(systemd.isEnabled(unit)).toBe(false);
    expect(isRunning(pid)).toBe(false);
    expect(existsSync(join(host.folder, 'tunnel.json'))).toBe(false);
    expect(host.cloudflare.tunnels.live()).toEqual([]);
    expect(await host.remove({ confirm: 'shop' })).toMatchObject({ status: 'absent', changes: [], left: [] });
  });

  it('leaves the program to another tunnel', async () => {
    await host.ensure();
    await host.ensure({ name: 'other', hostname: 'other.example.org' });
    // Two connectors of a host do not share a port.
    const ports = [unit, 'launch-tunnel-other.service'].map(portOf);
    expect([ports.includes(undefined), new Set(ports).size]).toEqual([false, 2]);
    await host.remove({ confirm: 'shop' });
    expect(readdirSync(systemd.folders.programs)).toEqual(['cloudflared-2026.7.3']);
    expect(await host.status({ name: 'other', hostname: undefined })).toMatchObject({ ready: true });
  });
});

suite('a program for the unit', () => {
  it('that is not the pinned one is never installed', async () => {
    const { base } = await serveRelease(() => Buffer.from('#!/bin/sh\necho I am somebody else\n'));
    await expect(host.ensure({ host: { ...settings, downloadBase: base } })).rejects.toMatchObject({
      code: 'API_ERROR',
      message: expect.stringMatching(/its SHA-256 is [0-9a-f]{64}, and that of 2026\.7\.3 is [0-9a-f]{64}/),
    });
    expect(existsSync(systemd.folders.programs)).toBe(false);
    expect(existsSync(unitFile())).toBe(false);
    expect(host.cloudflare.dns.named(hostname)).toEqual([]);
  });

  it('that can not be had says where it was sought', async () => {
    closeServers();
    await expect(host.ensure()).rejects.toMatchObject({
      code: 'API_ERROR',
      message: expect.stringContaining('CLOUDFLARED_DOWNLOAD_BASE_URL'),
    });
  });

  it('is not known for every processor', async () => {
    await expect(host.ensure({ host: { ...settings, arch: 'mips' } })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
  });
});
