// A host on which a tunnel's cloudflared is a unit, with the stand-ins for both.
import { serveRelease, standInRelease } from '../cloudflared/stand-in.ts';
import { tunnelHost } from '../tunnel.ts';
import { fakeSystemd } from './fake-systemd.ts';

/** To be stopped, closed, and its servers closed. */
export async function systemdTunnelHost() {
  const systemd = fakeSystemd();
  const release = await serveRelease();
  const settings = {
    release: standInRelease(),
    downloadBase: release.base,
    folders: systemd.folders,
    // Not root: each command goes through sudo, which the stand-in on PATH notes.
    user: { uid: 1000, gid: 1000 },
  };
  const host = await tunnelHost({ runAs: 'systemd', hostEnv: systemd.env, host: settings });
  return { systemd, release, settings, host };
}
