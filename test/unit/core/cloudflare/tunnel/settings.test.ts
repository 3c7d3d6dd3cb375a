import { describe, expect, it } from '@jest/globals';
import { readTunnelSettings, type TunnelTexts } from '../../../../../src/core/cloudflare/tunnel/settings.ts';

const texts: TunnelTexts = {
  name: 'shop',
  hostname: 'Chat.Example.org',
  service: 'http://127.0.0.1:3080/',
  zone: 'Example.org',
  runAs: 'compose',
  network: 'shop_default',
  image: 'registry.example.org/cloudflared@sha256:abc',
};
const called = (input: string) => `--${input}`;

describe('what a person says of a tunnel', () => {
  it('is read once', () => {
    expect(readTunnelSettings(texts, called)).toEqual({
      name: 'shop',
      hostname: 'chat.example.org',
      origin: { service: 'http://127.0.0.1:3080', host: '127.0.0.1', isWeb: true },
      zone: 'example.org',
      runAs: 'compose',
      network: 'shop_default',
      image: 'registry.example.org/cloudflared@sha256:abc',
    });
  });

  it.each([
    ['name', '../../etc'],
    ['name', "x'); DROP TABLE instances; --"],
    ['name', '-rf'],
    ['name', 'Shop'],
    ['name', 'a'.repeat(64)],
    ['name', 'shop\n'],
    ['network', '--privileged'],
    ['network', 'a b'],
    ['image', '--volume=/:/host'],
    ['image', 'a image'],
    ['hostname', '::set-output name=x::y'],
    ['zone', 'org'],
  ] as const)('is refused where %s is %j', (input, value) => {
    expect(() => readTunnelSettings({ ...texts, [input]: value }, called)).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        summary: expect.stringContaining(`--${input} is "`),
      }),
    );
  });

  it.each(['network', 'image'] as const)('is refused where %s has no container to be for', (input) => {
    const only = { ...texts, network: undefined, image: undefined, [input]: texts[input] };
    for (const runAs of ['systemd', 'none'] as const) {
      expect(() => readTunnelSettings({ ...only, runAs }, called)).toThrow(/are for `run-as: compose`/);
    }
  });
});
