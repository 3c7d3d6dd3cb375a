import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import {
  connectorArguments,
  connectorName,
  metricsAddress,
  pinned,
} from '../../../../../src/core/cloudflare/tunnel/cloudflared.ts';
import { sidecarFile } from '../../../../../src/core/cloudflare/tunnel/sidecar.ts';
import { unitText } from '../../../../../src/core/cloudflare/tunnel/systemd-unit.ts';

describe('cloudflared', () => {
  it('is pinned by checksums and a digest', () => {
    expect(pinned.image).toMatch(
      new RegExp(`^cloudflare/cloudflared:${pinned.version}@sha256:[0-9a-f]{64}$`),
    );
    expect(Object.keys(pinned.programs)).toEqual(['x64', 'arm64']);
    for (const { sha256 } of Object.values(pinned.programs)) expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('gets its token by a file and tells of itself on loopback', () => {
    expect(connectorArguments(20_300, '/run/token')).toEqual([
      'tunnel',
      '--metrics',
      '127.0.0.1:20300',
      'run',
      '--token-file',
      '/run/token',
    ]);
    expect(metricsAddress(1)).toBe('127.0.0.1:1');
    expect(connectorName('shop')).toBe('launch-tunnel-shop');
  });
});

const sidecar = {
  tunnel: 'shop',
  image: pinned.image,
  tokenFile: '/var/lib/launch/tunnels/shop/token.0123456789abcdef',
  user: '1000:1000',
  port: 20_300,
  network: undefined,
};

describe('the sidecar', () => {
  it('is a compose project of its own with as few rights as it needs', () => {
    const file = parse(sidecarFile(sidecar));
    expect(file).toMatchObject({ name: 'launch-tunnel-shop' });
    expect(Object.keys(file)).toEqual(['name', 'services']);
    expect(file.services.cloudflared).toMatchObject({
      entrypoint: ['cloudflared', '--no-autoupdate'],
      command: connectorArguments(20_300, '/run/launch/token'),
      user: '1000:1000',
      network_mode: 'host',
      restart: 'unless-stopped',
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      healthcheck: { test: ['CMD', 'cloudflared', 'tunnel', '--metrics', '127.0.0.1:20300', 'ready'] },
    });
    expect(file.services.cloudflared.environment).toBeUndefined();
    expect(file.services.cloudflared.ports).toBeUndefined();
  });

  it('joins a network that is there in place of the host’s', () => {
    const file = parse(sidecarFile({ ...sidecar, network: 'shop_default' }));
    expect(file.services.cloudflared.network_mode).toBeUndefined();
    expect(file.services.cloudflared.networks).toEqual(['origin']);
    expect(file.networks).toEqual({ origin: { external: true, name: 'shop_default' } });
  });

  it('hands a path with a dollar sign on as it is', () => {
    const text = sidecarFile({ ...sidecar, tokenFile: '/srv/$HOME/a b: #c/token.1' });
    expect(parse(text).services.cloudflared.volumes[0].source).toBe('/srv/$$HOME/a b: #c/token.1');
  });
});

describe('the unit', () => {
  const text = unitText({
    tunnel: 'shop',
    program: '/usr/local/lib/launch/cloudflared-2026.7.3',
    tokenFile: '/etc/launch/tunnels/shop.0123456789abcdef',
    port: 20_300,
  });

  it('starts cloudflared with a credential, not with the token', () => {
    expect(text).toContain(
      '\nExecStart=/usr/local/lib/launch/cloudflared-2026.7.3 --no-autoupdate tunnel --metrics 127.0.0.1:20300 run --token-file ${CREDENTIALS_DIRECTORY}/token\n',
    );
    expect(text).toContain('\nLoadCredential=token:/etc/launch/tunnels/shop.0123456789abcdef\n');
    expect(text).not.toMatch(/^Environment/m);
  });

  it('comes at boot, comes back, and has a user of its own', () => {
    for (const line of [
      'WantedBy=multi-user.target',
      'After=network-online.target',
      'Restart=always',
      'StartLimitIntervalSec=0',
      'DynamicUser=yes',
      'NoNewPrivileges=yes',
      'ProtectSystem=strict',
      'CapabilityBoundingSet=',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
  });

  it('takes no percent sign for a specifier', () => {
    const odd = unitText({
      tunnel: 'shop',
      program: '/opt/100%/cloud flared',
      tokenFile: '/etc/50%/t',
      port: 1,
    });
    expect(odd).toContain('ExecStart="/opt/100%%/cloud flared" --no-autoupdate');
    expect(odd).toContain('LoadCredential=token:/etc/50%%/t\n');
  });
});
