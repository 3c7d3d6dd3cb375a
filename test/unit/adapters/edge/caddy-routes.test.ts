import { describe, expect, it } from '@jest/globals';
import {
  type CaddyRoute,
  hasRoute,
  newServer,
  servedRoutes,
  serverFor,
  withoutRoute,
  withRoute,
} from '../../../../src/adapters/edge/caddy-routes.ts';
import { rivalOf, routeId, trimmed } from '../../../../src/core/deploy/edge.ts';

const change = (id: string, more = {}) => ({
  id,
  host: 'a.example.org',
  path: '/',
  upstreams: ['10.0.0.1:80'],
  leaving: [],
  ...more,
});
const ids = (routes: readonly CaddyRoute[]) => routes.map((it) => it['@id'] ?? '?');

describe('withRoute', () => {
  it('replaces a route in place of adding it twice, and keeps what it does not know', () => {
    const foreign: CaddyRoute = { match: [{ host: ['other.example.org'] }], handle: [], group: 'x' };
    const once = withRoute([foreign], change('one'));
    const twice = withRoute(once, change('one', { upstreams: ['10.0.0.2:80'] }));
    expect(twice).toHaveLength(2);
    expect(twice).toContain(foreign);
    expect(servedRoutes(twice)).toEqual([
      { id: 'one', host: 'a.example.org', path: '/', upstreams: ['10.0.0.2:80'] },
    ]);
  });

  it('puts the more exact path first, and a wildcard last, whatever came first', () => {
    const all = [
      change('root'),
      change('api', { path: '/api/' }),
      change('deep', { path: '/api/v2' }),
      change('any', { host: '*.example.org', path: '/api/v2/long' }),
    ];
    const order = ['deep', 'api', 'root', 'any'];
    expect(ids(all.reduce<CaddyRoute[]>(withRoute, []))).toEqual(order);
    expect(ids(all.toReversed().reduce<CaddyRoute[]>(withRoute, []))).toEqual(order);
    expect(withRoute([], change('api', { path: '/api/' }))[0]?.match).toEqual([
      { host: ['a.example.org'], path: ['/api', '/api/*'] },
    ]);
  });

  it('keeps those that are leaving counted, where no request gets to, until the next change', () => {
    const switched = withRoute([], change('one', { leaving: ['10.0.0.9:80'] }));
    expect(ids(switched)).toEqual(['one', 'one-leaving']);
    expect(JSON.stringify(switched[1])).toContain('10.0.0.9:80');
    expect(switched[1]?.match?.[0]?.host?.[0]).toMatch(/\.invalid$/);
    expect(servedRoutes(switched).map(({ id }) => id)).toEqual(['one']);
    expect(ids(withRoute(switched, change('one')))).toEqual(['one']);
    expect(withoutRoute(switched, 'one')).toEqual([]);
    expect(hasRoute(switched, 'one')).toBe(true);
    expect(hasRoute(switched, 'on')).toBe(false);
  });
});

describe('the servers', () => {
  it('are with TLS only for hosts that can have a certificate', () => {
    expect(serverFor('chat.example.org', 'auto')).toBe('launch_https');
    expect(serverFor('chat.example.org', 'off')).toBe('launch_http');
    for (const host of ['localhost', '192.0.2.1', 'nas', 'chat.home.arpa', 'x.localhost']) {
      expect(serverFor(host, 'auto')).toBe('launch_http');
    }
    expect(newServer('launch_http', { http: 8080, https: 8443, bind: '::1' })).toMatchObject({
      listen: ['[::1]:8080'],
      automatic_https: { disable: true },
    });
    expect(newServer('launch_https', { http: 80, https: 443 })).toEqual({ listen: [':443'], routes: [] });
  });
});

describe('routes', () => {
  it('have one id per service and target', () => {
    const owner = { repository: 'octo/shop', target: 'homelab', service: 'chat' };
    expect(routeId(owner)).toMatch(/^launch-chat-[0-9a-f]{12}$/);
    expect(routeId({ ...owner, target: 'aws' })).not.toBe(routeId(owner));
  });

  it('are rivals when another service has the same host and path', () => {
    const served = [{ id: 'other', host: 'A.example.org', path: '/api', upstreams: [] }];
    expect(rivalOf({ id: 'mine', host: 'a.example.org', path: '/api/' }, served)?.id).toBe('other');
    expect(rivalOf({ id: 'mine', host: 'a.example.org', path: '/' }, served)).toBeUndefined();
    expect(rivalOf({ id: 'other', host: 'a.example.org', path: '/api' }, served)).toBeUndefined();
    expect(trimmed('/')).toBe('/');
  });
});
