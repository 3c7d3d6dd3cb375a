import { describe, expect, it } from '@jest/globals';
import * as z from 'zod/mini';
import { healthCheck } from '../../../../src/core/config/health-check.ts';
import { type CheckContext, checkFromSetting } from '../../../../src/core/health/from-settings.ts';

const context: CheckContext = { cwd: '/srv/api', env: { PATH: '/bin' }, secrets: ['topsecret'] };
const from = (setting: unknown, more: Partial<CheckContext> = {}) =>
  checkFromSetting(z.parse(healthCheck, setting), { ...context, ...more });

describe('checkFromSetting', () => {
  it('fills in what a check does not say', () => {
    expect(from({ http: 'http://127.0.0.1:1/' })).toEqual({
      kind: 'http',
      url: 'http://127.0.0.1:1/',
      headers: {},
      status: [{ from: 200, to: 399 }],
      body: undefined,
      responseHeaders: [],
      secrets: ['topsecret'],
      timeoutMs: 60_000,
      intervalMs: 200,
      attemptMs: 10_000,
      successes: 1,
    });
  });

  it.each([
    [204, [{ from: 204, to: 204 }]],
    ['2xx', [{ from: 200, to: 299 }]],
    [
      [200, '300-302'],
      [
        { from: 200, to: 200 },
        { from: 300, to: 302 },
      ],
    ],
  ])('reads the status %j', (status, ranges) => {
    expect(from({ http: 'http://x/', status })).toMatchObject({ status: ranges });
  });

  it("prefers the check's own timing to the caller's", () => {
    const timing = { timeoutMs: 5000, successes: 4 };
    expect(from({ tcp: 'db:1', timeout: '20s' }, { timing })).toMatchObject({
      timeoutMs: 20_000,
      attemptMs: 5000,
      successes: 4,
    });
    expect(from({ tcp: 'db:1' }, { timing })).toMatchObject({ timeoutMs: 5000, attemptMs: 1250 });
  });

  it('gives a command half of the time for one attempt', () => {
    expect(from({ command: './check.sh "a b"', timeout: '90s' })).toMatchObject({
      kind: 'command',
      argv: ['./check.sh', 'a b'],
      cwd: '/srv/api',
      env: { PATH: '/bin' },
      secrets: ['topsecret'],
      attemptMs: 45_000,
    });
    expect(from({ command: ['sh', '-c', 'a | b'] })).toMatchObject({ argv: ['sh', '-c', 'a | b'] });
    expect(() => from({ command: [''] })).toThrow(/names no program/);
  });

  it('takes the brackets off an IPv6 address', () => {
    expect(from({ tcp: '[::1]:5432' })).toMatchObject({ host: '::1', port: 5432 });
    expect(from({ tcp: 'db.internal:5432' })).toMatchObject({ host: 'db.internal', port: 5432 });
  });

  it('looks for a container in the compose project where there is one', () => {
    expect(from({ container: 'web' })).toMatchObject({ container: { name: 'web' } });
    expect(from({ container: 'web' }, { project: 'shop' })).toMatchObject({
      container: { project: 'shop', service: 'web' },
    });
  });

  it.each(['--help', '-f', 'a b', '../x', 'a;b', 'ä'])('refuses %j as a container', (container) => {
    expect(() => from({ container })).toThrow(/is not a container name/);
  });
});

describe('the health settings', () => {
  const refused = (setting: unknown) => {
    const parsed = z.safeParse(healthCheck, setting);
    return parsed.success ? 'accepted' : parsed.error.issues.map((issue) => issue.message).join(' ');
  };

  it.each([
    [{}, /exactly one/],
    [{ http: 'http://x/', tcp: 'x:1' }, /exactly one/],
    [{ tcp: 'x:1', status: 200 }, /only an http check/],
    [{ tcp: 'x:1', 'expect-headers': {} }, /only an http check/],
    [{ http: 'ftp://x/' }, /not an http/],
    [{ tcp: 'x' }, /not host:port/],
    [{ tcp: 'x:99999' }, /not host:port/],
    [{ tcp: 'x:0' }, /not host:port/],
    [{ http: 'http://x/', body: '/(/' }, /regular expression/],
    [{ http: 'http://x/', headers: { a: 'b\nc' } }, /HTTP does not allow/],
    [{ http: 'http://x/', status: 'fine' }, /not an HTTP status/],
    [{ http: 'http://x/', successes: 0 }, /whole number/],
    [{ http: 'http://x:${PORT}/' }, /not an http/],
    [{ tcp: 'x:${PORT}' }, /not host:port/],
  ])('refuse %j', (setting, why) => {
    expect(refused(setting)).toMatch(why);
  });
});
