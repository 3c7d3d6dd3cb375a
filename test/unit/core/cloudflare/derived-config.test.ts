import { describe, expect, it } from '@jest/globals';
import { deriveConfig } from '../../../../src/core/cloudflare/derived-config.ts';

const config = {
  $schema: 'node_modules/wrangler/config-schema.json',
  name: 'image-gen',
  main: './src/index.ts',
  tsconfig: 'tsconfig.json',
  base_dir: '/absolute/src',
  compatibility_date: '2026-11-01',
  routes: ['images.example.com/*'],
  workers_dev: false,
  assets: { directory: 'public', binding: 'ASSETS' },
  build: { command: 'npm run build', watch_dir: ['src', '../shared'] },
  text_blobs: { TEXT: 'a.txt' },
  d1_databases: [
    { binding: 'DB', database_name: 'x', database_id: '1' },
    { binding: 'OTHER', database_id: '2' },
  ],
  kv_namespaces: [{ binding: 'CACHE', id: 'k' }],
  r2_buckets: [{ binding: 'FILES', bucket_name: 'files' }],
  services: [
    { binding: 'LIMITER', service: 'rate-limiter' },
    { binding: 'FOREIGN', service: 'foreign' },
  ],
  durable_objects: {
    bindings: [
      { name: 'DO', class_name: 'C', script_name: 'rate-limiter' },
      { name: 'OWN', class_name: 'D' },
    ],
  },
  env: {
    staging: {
      name: 'image-gen-s',
      route: 's.example.com/*',
      services: [{ binding: 'LIMITER', service: 'rate-limiter' }],
    },
    production: {},
  },
};
const derive = (more: object = {}) =>
  deriveConfig(config, {
    from: '/repo/services/image-gen',
    to: '/tmp/private',
    environment: undefined,
    name: 'image-gen-acme',
    bindings: {
      d1: { DB: { id: 'uuid', name: 'multiagent' } },
      kv: { CACHE: 'ns' },
      r2: { FILES: 'acme-files' },
      workers: { 'rate-limiter': 'rate-limiter-acme' },
    },
    isCopy: true,
    ...more,
  });

describe('the configuration of a copy', () => {
  it('leads its bindings elsewhere, and leaves what is not named', () => {
    expect(derive()).toMatchObject({
      name: 'image-gen-acme',
      compatibility_date: '2026-11-01',
      workers_dev: true,
      d1_databases: [
        { binding: 'DB', database_name: 'multiagent', database_id: 'uuid' },
        { binding: 'OTHER', database_id: '2' },
      ],
      kv_namespaces: [{ binding: 'CACHE', id: 'ns' }],
      r2_buckets: [{ binding: 'FILES', bucket_name: 'acme-files' }],
      services: [
        { binding: 'LIMITER', service: 'rate-limiter-acme' },
        { binding: 'FOREIGN', service: 'foreign' },
      ],
      durable_objects: {
        bindings: [
          { name: 'DO', class_name: 'C', script_name: 'rate-limiter-acme' },
          { name: 'OWN', class_name: 'D' },
        ],
      },
    });
  });

  it('takes no route away from the worker it is a copy of', () => {
    expect(derive()).not.toHaveProperty('routes');
    expect(derive({ isCopy: false })).toMatchObject({ routes: ['images.example.com/*'], workers_dev: false });
  });

  it('finds its files from where it stands', () => {
    const up = '../../repo/services/image-gen';
    expect(derive()).toMatchObject({
      main: `${up}/src/index.ts`,
      tsconfig: `${up}/tsconfig.json`,
      base_dir: '../../absolute/src',
      assets: { directory: `${up}/public`, binding: 'ASSETS' },
      build: { command: 'npm run build', watch_dir: [`${up}/src`, '../../repo/services/shared'] },
      text_blobs: { TEXT: `${up}/a.txt` },
    });
    expect(derive()).not.toHaveProperty('$schema');
  });

  it('is that of one environment', () => {
    const { env, ...top } = derive({ environment: 'staging' }) as { env: object };
    expect(env).toEqual({
      staging: {
        name: 'image-gen-acme',
        workers_dev: true,
        services: [{ binding: 'LIMITER', service: 'rate-limiter-acme' }],
      },
    });
    expect(top).not.toHaveProperty('routes');
  });

  it('takes names as names, such as those of every object', () => {
    const odd = {
      name: 'x',
      services: [{ binding: 'B', service: 'constructor' }],
      r2_buckets: [{ binding: '__proto__' }],
    };
    const derived = deriveConfig(odd, {
      from: '/a',
      to: '/b',
      environment: undefined,
      name: 'y',
      bindings: { workers: {}, r2: {} },
      isCopy: true,
    });
    expect(derived).toMatchObject({ services: [{ binding: 'B', service: 'constructor' }] });
  });
});
