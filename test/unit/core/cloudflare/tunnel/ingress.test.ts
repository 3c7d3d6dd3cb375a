import { describe, expect, it } from '@jest/globals';
import {
  isUnused,
  routesOf,
  type TunnelConfiguration,
  withoutRoute,
  withRoute,
} from '../../../../../src/core/cloudflare/tunnel/ingress.ts';

const last = { service: 'http_status:404' };
const shop = { hostname: 'shop.example.org', service: 'http://web:80' };
const chat = { hostname: 'chat.example.org', service: 'http://127.0.0.1:3080' };

describe('a rule in the configuration of a tunnel', () => {
  it('comes into an empty one, with the rule for everything else', () => {
    for (const config of [{}, { ingress: null }, { ingress: [] }]) {
      expect(withRoute(config, chat)).toEqual({
        config: { ingress: [chat, last] },
        change: { kind: 'added' },
      });
    }
  });

  it('leaves the rules and settings of others as they are', () => {
    const others: TunnelConfiguration = {
      'warp-routing': { enabled: true },
      originRequest: { connectTimeout: 30 },
      ingress: [
        { ...shop, originRequest: { noTLSVerify: true }, id: '1' },
        { service: 'http://fallback:80' },
      ],
    };
    const { config } = withRoute(others, chat);
    expect(config).toEqual({
      ...others,
      ingress: [others.ingress?.[0], chat, { service: 'http://fallback:80' }],
    });
  });

  it('changes nothing the second time', () => {
    const { config } = withRoute({ ingress: [shop, last] }, chat);
    expect(withRoute(config, chat)).toEqual({ config, change: { kind: 'none' } });
  });

  it('gets its other service in place, and keeps its settings', () => {
    const before = {
      ingress: [{ ...chat, service: 'http://old:1', originRequest: { noTLSVerify: true } }, shop, last],
    };
    expect(withRoute(before, chat)).toEqual({
      config: { ingress: [{ ...chat, originRequest: { noTLSVerify: true } }, shop, last] },
      change: { kind: 'changed', from: 'http://old:1' },
    });
  });

  it('is not hidden by a wildcard, nor by a rule for everything', () => {
    const wildcard = { hostname: '*.example.org', service: 'http://all:80' };
    expect(withRoute({ ingress: [shop, wildcard, last] }, chat).config.ingress).toEqual([
      shop,
      chat,
      wildcard,
      last,
    ]);
    expect(withRoute({ ingress: [wildcard, chat, last] }, chat)).toEqual({
      config: { ingress: [chat, wildcard, last] },
      change: { kind: 'moved' },
    });
  });

  it('lets rules for single paths of its hostname and of others win', () => {
    const api = { hostname: chat.hostname, path: '/api', service: 'http://api:80' };
    const health = { path: '/health', service: 'http://health:80' };
    const { config } = withRoute({ ingress: [health, api, last] }, chat);
    expect(config.ingress).toEqual([health, api, chat, last]);
    expect(withoutRoute(config, chat.hostname).config.ingress).toEqual([health, api, last]);
  });

  it('of a wildcard comes after those it would hide', () => {
    const wildcard = { hostname: '*.example.org', service: 'http://all:80' };
    expect(withRoute({ ingress: [shop, last] }, wildcard).config.ingress).toEqual([shop, wildcard, last]);
  });

  it('goes alone, and once', () => {
    const config = { ingress: [shop, chat, last] };
    const without = withoutRoute(config, chat.hostname);
    expect(without).toEqual({ config: { ingress: [shop, last] }, removed: true });
    expect(withoutRoute(without.config, chat.hostname)).toMatchObject({ removed: false });
  });

  it('of all has the final rule, where somebody has left it out', () => {
    expect(withRoute({ ingress: [chat] }, chat)).toEqual({
      config: { ingress: [chat, last] },
      change: { kind: 'moved' },
    });
  });
});

it('a tunnel is unused when no hostname and no final service is left', () => {
  expect(isUnused({})).toBe(true);
  expect(isUnused({ ingress: [last] })).toBe(true);
  expect(isUnused({ ingress: [{ service: 'http://fallback:80' }] })).toBe(false);
  expect(isUnused({ ingress: [chat, last] })).toBe(false);
});

it('the routes of a tunnel tell of paths, too', () => {
  const api = { hostname: chat.hostname, path: '/api', service: 'http://api:80' };
  expect(routesOf({ ingress: [api, chat, last] })).toEqual([
    { hostname: 'chat.example.org/api', service: 'http://api:80' },
    chat,
  ]);
});
