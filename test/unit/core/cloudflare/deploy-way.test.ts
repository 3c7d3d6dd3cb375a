import { describe, expect, it } from '@jest/globals';
import { boundWorkers, deployedNames } from '../../../../src/core/cloudflare/bound-workers.ts';
import {
  hasTriggers,
  unversionedSettings,
  wholeBecause,
} from '../../../../src/core/cloudflare/deploy-way.ts';
import { parseGradual } from '../../../../src/core/cloudflare/gradual.ts';
import { isAddressAsWanted, workerUrls } from '../../../../src/core/cloudflare/worker-address.ts';
import { parseWranglerConfig, workerSettings } from '../../../../src/core/cloudflare/wrangler-config.ts';

const read = (settings: object, environment?: string) => {
  const config = parseWranglerConfig(
    JSON.stringify({ name: 'api', main: 'i.ts', ...settings }),
    'wrangler.jsonc',
  );
  return [config, workerSettings(config, environment)] as const;
};
const live = { migrationTag: undefined };

describe('the way a worker is deployed', () => {
  it('is a version that gets the traffic afterwards, wherever that can be', () => {
    expect(wholeBecause(...read({}), live)).toBeUndefined();
    expect(wholeBecause(...read({ migrations: [{ tag: 'v1' }] }), { migrationTag: 'v1' })).toBeUndefined();
  });

  it.each([
    ['the first deployment', {}, undefined],
    ['migration', { migrations: [{ tag: 'v1' }, { tag: 'v2' }] }, { migrationTag: 'v1' }],
    ['migration', { migrations: [{ tag: 'v1' }] }, live],
    ['containers', { containers: [{ image: './Dockerfile' }] }, live],
    ['Durable Objects', { exports: { Counter: { type: 'durable-object' } } }, live],
    ['Workers Site', { site: { bucket: 'public' } }, live],
  ])('is wrangler alone for %s', (because, settings, before) => {
    expect(wholeBecause(...read(settings), before)).toContain(because);
  });

  it('asks for wrangler a second time only where there are triggers', () => {
    expect(hasTriggers(...read({}), false)).toBe(false);
    expect(hasTriggers(...read({ routes: ['a.example/*'] }), false)).toBe(true);
    // Those are the original's.
    expect(hasTriggers(...read({ routes: ['a.example/*'] }), true)).toBe(false);
    // An empty list takes the schedules away.
    expect(hasTriggers(...read({ triggers: { crons: [] } }), false)).toBe(true);
    expect(hasTriggers(...read({ queues: { consumers: [{ queue: 'q' }] } }), false)).toBe(true);
    expect(hasTriggers(...read({ queues: { producers: [{ queue: 'q', binding: 'Q' }] } }), false)).toBe(
      false,
    );
    const staged = {
      triggers: { crons: ['* * * * *'] },
      queues: { consumers: [{ queue: 'q' }] },
      env: { s: {} },
    };
    expect(hasTriggers(...read(staged, 's'), false)).toBe(true);
    expect(hasTriggers(...read({ workflows: [{ name: 'w' }], env: { s: {} } }, 's'), false)).toBe(false);
  });

  it('sends the settings that belong to no version as wrangler does', () => {
    const [config] = read({
      logpush: true,
      observability: { enabled: true },
      env: { s: { logpush: false } },
    });
    expect(unversionedSettings(config, undefined)).toEqual({
      logpush: true,
      observability: { enabled: true },
    });
    expect(unversionedSettings(config, 's')).toEqual({ logpush: false, observability: { enabled: true } });
    expect(unversionedSettings(read({})[0], undefined)).toEqual({ observability: { enabled: false } });
  });
});

describe('where a worker answers', () => {
  const address = { enabled: true, url: 'https://api.octo.workers.dev', previewsEnabled: false };

  it('is told with what people know first', () => {
    expect(workerUrls([], address)).toEqual(['https://api.octo.workers.dev']);
    const routes = [
      'example.com/api/*',
      { pattern: 'api.example.com', custom_domain: true },
      { pattern: '*.example.com/*' },
      'https://www.example.com/*',
    ];
    expect(workerUrls(routes, { ...address, enabled: false })).toEqual([
      'https://api.example.com',
      'https://example.com/api/',
      'https://www.example.com',
    ]);
  });

  it('is as the configuration wants it, or not', () => {
    const wanted = { workersDev: undefined, previewUrls: undefined, routes: [] };
    expect(isAddressAsWanted(wanted, address)).toBe(true);
    expect(isAddressAsWanted({ ...wanted, routes: ['x'] }, address)).toBe(false);
    expect(isAddressAsWanted({ ...wanted, workersDev: true, routes: ['x'] }, address)).toBe(true);
    expect(isAddressAsWanted({ ...wanted, previewUrls: true }, address)).toBe(false);
  });
});

describe('the workers that a worker binds', () => {
  it('are found in every environment, under the names they are deployed with', () => {
    const [config] = read({
      services: [
        { binding: 'L', service: 'limiter' },
        { binding: 'ME', service: 'api' },
      ],
      durable_objects: {
        bindings: [
          { name: 'D', class_name: 'C', script_name: 'objects' },
          { name: 'E', class_name: 'F' },
        ],
      },
      env: {
        staging: { services: [{ binding: 'L', service: 'limiter', environment: 'staging' }] },
        live: { name: 'api-live', services: [{ binding: 'S', service: 'api-staging' }] },
      },
    });
    expect([...deployedNames(config)]).toEqual(['api', 'api-staging', 'api-live']);
    expect([...boundWorkers(config)].sort()).toEqual(['limiter', 'limiter-staging', 'objects']);
  });
});

describe('the steps of a gradual deployment', () => {
  it.each([
    [undefined, []],
    [' ', []],
    ['10,50,100', [10, 50, 100]],
    ['5 %, 100%', [5, 100]],
    ['0.5,100', [0.5, 100]],
  ])('are read from %s', (text, steps) => expect(parseGradual(text)).toEqual(steps));

  it.each(['10,50', '50,10,100', '0,100', '10,10,100', '10,101', 'all', '10;100', '-1,100', '1e1,100'])(
    'are refused for %s',
    (text) => expect(() => parseGradual(text)).toThrow(/percentages that rise to 100/),
  );
});
