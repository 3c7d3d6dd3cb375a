import { describe, expect, it } from '@jest/globals';
import {
  assertSmokeTest,
  checksOfTraffic,
  checksOfVersion,
  overrideHeader,
  versionOverride,
} from '../../../../src/core/cloudflare/smoke-test.ts';
import { checkFromSetting, commandCheck } from '../../../../src/core/health/from-settings.ts';

const context = { cwd: '/w', env: { PATH: '/bin' }, hasOwnAddress: true };
const http = (url: string) => checkFromSetting({ http: url, headers: { 'x-key': 'k' } }, context);
const asked = {
  worker: 'api',
  versionId: '5a6b7c8d-0000-4000-8000-000000000000',
  url: 'https://api.octo.workers.dev/',
  previewUrl: undefined,
};
const preview = { ...asked, previewUrl: 'https://5a6b7c8d-api.octo.workers.dev' };
const override = `api="${asked.versionId}"`;

describe('the smoke test of a version', () => {
  it('asks the version by the header that Cloudflare chooses it by', () => {
    const [check] = checksOfVersion([http('https://api.example.com/health')], asked) ?? [];
    expect(check).toMatchObject({
      url: 'https://api.example.com/health',
      headers: { 'x-key': 'k', [overrideHeader]: override },
    });
  });

  it('asks it at its own address where only a path is given and it has one', () => {
    const checks = [http('/health'), http('https://api.example.com/')];
    expect(checksOfVersion(checks, preview)).toMatchObject([
      { url: 'https://5a6b7c8d-api.octo.workers.dev/health', headers: { 'x-key': 'k' } },
      { url: 'https://api.example.com/', headers: { [overrideHeader]: override } },
    ]);
    expect(checksOfVersion([http('/health')], asked)).toMatchObject([
      { url: 'https://api.octo.workers.dev/health', headers: { [overrideHeader]: override } },
    ]);
  });

  it('can not come before the traffic where the name can not stand in the header', () => {
    expect(versionOverride({ ...asked, worker: '2fa' })).toBeUndefined();
    expect(checksOfVersion([http('https://a.example/')], { ...asked, worker: '2fa' })).toBeUndefined();
    expect(checksOfVersion([http('/health')], { ...preview, worker: '2fa' })).toHaveLength(1);
  });

  it('goes as all requests go once it has the traffic', () => {
    expect(checksOfTraffic([http('/health'), http('https://a.example/')], preview)).toMatchObject([
      { url: 'https://api.octo.workers.dev/health', headers: { 'x-key': 'k' } },
      { url: 'https://a.example/', headers: { 'x-key': 'k' } },
    ]);
    expect(() => checksOfTraffic([http('/health')], { ...asked, url: undefined })).toThrow(
      /has no address of its own/,
    );
  });

  it('tells a script what to ask', () => {
    const script = commandCheck(['./health-check.sh'], context);
    for (const checks of [checksOfTraffic([script], asked), checksOfVersion([script], asked)]) {
      expect(checks?.[0]).toMatchObject({
        env: {
          PATH: '/bin',
          LAUNCH_WORKER: 'api',
          LAUNCH_VERSION: asked.versionId,
          LAUNCH_VERSION_OVERRIDE: override,
          LAUNCH_URL: asked.url,
        },
      });
    }
  });

  it('is refused where it makes no sense', () => {
    const container = checkFromSetting({ container: 'web' }, context);
    expect(() => assertSmokeTest([container], [])).toThrow(/has no containers/);
    expect(() => assertSmokeTest([], [10, 100])).toThrow(/needs something that is checked at each step/);
    assertSmokeTest([http('/')], [10, 100]);
    assertSmokeTest([], []);
    // What is no worker has no address to put before a path.
    expect(() => checkFromSetting({ http: '/health' }, { cwd: '/w', env: {} })).toThrow(/names only a path/);
  });
});
