import { describe, expect, it } from '@jest/globals';
import { directCheck, isDirected } from '../../../../src/core/deploy/direct-check.ts';
import type { HealthCheck } from '../../../../src/core/health/check.ts';
import { checkFromSetting } from '../../../../src/core/health/from-settings.ts';

const context = {
  host: 'chat.example.org',
  port: 3000,
  address: '172.18.0.5',
  published: new Set([5432]),
};
const check = (setting: Parameters<typeof checkFromSetting>[0]): HealthCheck =>
  checkFromSetting(setting, { cwd: '/', env: {} });
const directed = (setting: Parameters<typeof checkFromSetting>[0]) => directCheck(check(setting), context);

describe('directCheck', () => {
  it('asks the container what is meant for this host or for the route, with the name it expects', () => {
    expect(directed({ http: 'http://127.0.0.1:3000/health?x=1' })).toMatchObject({
      url: 'http://172.18.0.5:3000/health?x=1',
      headers: { Host: '127.0.0.1:3000' },
    });
    expect(directed({ http: 'https://chat.example.org/health' })).toMatchObject({
      url: 'http://172.18.0.5:3000/health',
      headers: { Host: 'chat.example.org' },
    });
    expect(directed({ http: 'http://localhost:9090/metrics', headers: { host: 'mine' } })).toMatchObject({
      url: 'http://172.18.0.5:9090/metrics',
      headers: { host: 'mine' },
    });
    expect(directed({ tcp: '[::1]:3000' })).toMatchObject({ host: '172.18.0.5', port: 3000 });
  });

  it('leaves alone what is meant for others', () => {
    for (const setting of [
      { http: 'http://elsewhere.example.org/health' },
      { http: 'http://127.0.0.1:5432/' },
      { tcp: '127.0.0.1:5432' },
      { command: './check.sh' },
    ]) {
      const plain = check(setting);
      expect(directCheck(plain, context)).toBe(plain);
      expect(isDirected(plain, context.address)).toBe(false);
    }
  });

  it('writes IPv6 addresses as URLs want them', () => {
    const six = directCheck(check({ http: 'http://localhost:3000/' }), { ...context, address: 'fd00::5' });
    expect(six).toMatchObject({ url: 'http://[fd00::5]:3000/' });
    expect(isDirected(six, 'fd00::5')).toBe(true);
  });
});
