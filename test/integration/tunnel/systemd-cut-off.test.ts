import { existsSync, readdirSync } from 'node:fs';
import { afterAll, afterEach, beforeEach, expect, it } from '@jest/globals';
import { closeServers } from '../../support/local-server.ts';
import { removeRepositories } from '../../support/repository.ts';
import type { FakeSystemd } from '../../support/systemd/fake-systemd.ts';
import { systemdTunnelHost } from '../../support/systemd/tunnel-host.ts';
import { requireTools } from '../../support/tools.ts';
import type { TunnelHost } from '../../support/tunnel.ts';

const suite = requireTools('busybox', 'flock');
const unit = 'launch-tunnel-shop.service';

let systemd: FakeSystemd;
let host: TunnelHost;
beforeEach(async () => {
  ({ systemd, host } = await systemdTunnelHost());
});
afterEach(async () => {
  systemd.stop();
  await host.close();
  closeServers();
  expect(host.cloudflare.refused).toEqual([]);
});
afterAll(removeRepositories);

/** Commands of root that change something, by their place among all; an empty draft is nothing yet. */
async function effects(run: () => Promise<unknown>): Promise<number[]> {
  systemd.failFrom(undefined);
  await run();
  return systemd
    .asRoot()
    .flatMap((line, at) =>
      /^(cat|test|sync|systemctl show|install .*\/dev\/null|install -d) /.test(line) ? [] : [at + 1],
    );
}

/** What a removal must not leave, and a whole installation has. */
const there = () => ({
  unit: existsSync(`${systemd.folders.units}/${unit}`),
  tokens: existsSync(systemd.folders.tokens) ? readdirSync(systemd.folders.tokens).length : 0,
  programs: existsSync(systemd.folders.programs) ? readdirSync(systemd.folders.programs) : [],
  runs: systemd.pidOf(unit) !== undefined,
  isEnabled: systemd.isEnabled(unit),
});
const whole = { unit: true, tokens: 1, programs: ['cloudflared-2026.7.3'], runs: true, isEnabled: true };
const nothing = { unit: false, tokens: 0, programs: [], runs: false, isEnabled: false };

suite('a run that is cut off at any command of root', () => {
  it('is finished by the next one, and so is a removal', async () => {
    // Folders that were made stay, so that from the second time on the commands are the same.
    await host.ensure();
    await host.remove({ confirm: 'shop' });
    const made = await effects(async () => await host.ensure());
    const removed = await effects(async () => await host.remove({ confirm: 'shop' }));
    expect([made.length > 8, removed.length > 3, made.length > removed.length]).toEqual([true, true, true]);
    for (const [at, nth] of made.entries()) {
      systemd.failFrom(nth);
      await expect(host.ensure()).rejects.toMatchObject({ code: 'DEPLOY_FAILED' });
      expect(host.cloudflare.dns.named('chat.shop.example.org')).toEqual([]);
      systemd.failFrom(undefined);
      expect(await host.ensure()).toMatchObject({ ready: true });
      expect([nth, there()]).toEqual([nth, whole]);

      const other = removed[at];
      if (other !== undefined) {
        systemd.failFrom(other);
        await expect(host.remove({ confirm: 'shop' })).rejects.toMatchObject({ code: 'DEPLOY_FAILED' });
        systemd.failFrom(undefined);
      }
      await host.remove({ confirm: 'shop' });
      expect([other, there()]).toEqual([other, nothing]);
      expect(host.cloudflare.tunnels.live()).toEqual([]);
    }
  });
});
