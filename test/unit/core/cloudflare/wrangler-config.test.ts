import { describe, expect, it } from '@jest/globals';
import {
  chooseEnvironment,
  parseWranglerConfig,
  readWranglerConfig,
  workerSettings,
} from '../../../../src/core/cloudflare/wrangler-config.ts';
import { formatPlace } from '../../../../src/core/errors.ts';

const jsonc = `{
  // The worker of the tests.
  "$schema": "../../node_modules/wrangler/config-schema.json",
  "name": "shop",
  "main": "src/index.ts",
  "compatibility_date": "2026-11-01",
  "workers_dev": true,
  "routes": ["shop.example.org/*", { "pattern": "b.example.org", "custom_domain": true }],
  "migrations": [{ "tag": "v1", "new_sqlite_classes": ["Cart"] }],
  "vars": { "LEVEL": "info" },
  "d1_databases": [{ "binding": "DB", "database_name": "shop" }],
  "unknown_to_launch": { "kept": true },
  "env": {
    "staging": {
      "vars": { "LEVEL": "debug" },
      "secrets": { "required": ["TOKEN"] },
      "d1_databases": [{ "binding": "DB", "database_name": "shop-staging", "database_id": "1" }],
      "r2_buckets": [{ "binding": "FILES", "bucket_name": "files-staging" }],
      "kv_namespaces": [{ "binding": "CACHE" }],
      "services": [{ "binding": "OTHER", "service": "other-staging" }],
      "durable_objects": { "bindings": [{ "name": "CART", "class_name": "Cart" }] },
    },
    "live": { "name": "the-shop", "workers_dev": false, "route": "x.example.org/*" },
  },
}
`;

const toml = `name = "shop" # the worker
main = 'src/index.ts'

[vars]
LEVEL = "info"

[[d1_databases]]
binding = "DB"
database_name = "one"

[[d1_databases]]
binding = "DB2"

[env.staging]
workers_dev = true
[[env.staging.kv_namespaces]]
binding = "CACHE"
  id = 7
`;

function problems(text: string, file = 'w/wrangler.jsonc'): string[] {
  const reading = readWranglerConfig(text, file);
  return reading.ok
    ? []
    : reading.problems.map(({ rule, message, place }) => `${formatPlace(place)} ${rule}: ${message}`);
}

describe('a wrangler configuration', () => {
  it('is read with comments, trailing commas and keys that Launch does not know', () => {
    const config = parseWranglerConfig(jsonc, 'wrangler.jsonc');
    expect(config.environments).toEqual(['staging', 'live']);
    expect(config.raw['unknown_to_launch']).toEqual({ kept: true });
    expect(config.placeOf(['env', 'staging', 'd1_databases', 0, 'database_id'])).toEqual({
      file: 'wrangler.jsonc',
      line: 17,
      column: 76,
    });
    expect(config.placeOf(['env', 'live', 'nothing', 'here']).line).toBe(23);
  });

  it('gives what an environment inherits, and what it does not', () => {
    const config = parseWranglerConfig(jsonc, 'wrangler.jsonc');
    expect(workerSettings(config)).toMatchObject({
      environment: undefined,
      name: 'shop',
      main: 'src/index.ts',
      vars: { LEVEL: 'info' },
      d1: [{ binding: 'DB', database_name: 'shop', path: ['d1_databases', 0] }],
      r2: [],
      routes: ['shop.example.org/*', { pattern: 'b.example.org' }],
    });
    expect(workerSettings(config, 'staging')).toMatchObject({
      name: 'shop-staging',
      main: 'src/index.ts',
      workersDev: true,
      vars: { LEVEL: 'debug' },
      requiredSecrets: ['TOKEN'],
      migrations: [{ tag: 'v1' }],
      d1: [{ database_id: '1', path: ['env', 'staging', 'd1_databases', 0] }],
      r2: [{ bucket_name: 'files-staging' }],
      kv: [{ binding: 'CACHE' }],
      services: [{ service: 'other-staging' }],
      durableObjects: [{ class_name: 'Cart', path: ['env', 'staging', 'durable_objects', 'bindings', 0] }],
    });
    expect(workerSettings(config, 'live')).toMatchObject({
      name: 'the-shop',
      workersDev: false,
      routes: ['x.example.org/*'],
      vars: {},
      d1: [],
    });
  });

  it('is read as TOML, too, with the lines of its keys', () => {
    const reading = readWranglerConfig(toml, 'wrangler.toml');
    expect(reading.ok).toBe(false);
    expect(problems(toml, 'wrangler.toml')).toEqual([
      'wrangler.toml:18:3 invalid-type: "env.staging.kv_namespaces.0.id" must be text, not a number.',
    ]);
    const config = parseWranglerConfig(toml.replace('= 7', '= "7"'), 'wrangler.toml');
    expect(workerSettings(config, 'staging')).toMatchObject({ name: 'shop-staging', kv: [{ id: '7' }] });
    expect(config.placeOf(['d1_databases', 1, 'binding']).line).toBe(12);
    expect(config.placeOf(['d1_databases', 1]).line).toBe(11);
    expect(config.placeOf(['vars', 'LEVEL'])).toMatchObject({ line: 5, column: 1 });
    expect(config.placeOf(['env', 'staging', 'name']).line).toBe(14);
    expect(config.placeOf(['nowhere'])).toMatchObject({ line: 1, column: 1 });
  });

  it.each([
    [
      '{ "name": "a" ',
      'w/wrangler.jsonc:1:15 worker-config-syntax: The wrangler configuration is not valid JSON: close brace expected.',
    ],
    [
      '{\n  "name": "a"\n  "main": "b"\n}',
      'w/wrangler.jsonc:3:3 worker-config-syntax: The wrangler configuration is not valid JSON: comma expected.',
    ],
    ['[1]', 'w/wrangler.jsonc:1:1 invalid-type: The file must be a map, not a list.'],
    ['{\n "name": 7 }', 'w/wrangler.jsonc:2:2 invalid-type: "name" must be text, not a number.'],
    [
      '{\n "env": {\n "a": { "services": [{ "binding": "B" }] } } }',
      'w/wrangler.jsonc:3:22 invalid-type: "env.a.services.0.service" must be text.',
    ],
    ['{ "vars": [] }', 'w/wrangler.jsonc:1:3 invalid-type: "vars" must be a map, not a list.'],
  ])('tells what is wrong with %j, and where', (text, expected) => {
    expect(problems(text)).toEqual([expected]);
  });

  it('tells broken TOML at its line', () => {
    expect(problems('name = "a"\nmain = \n', 'w/wrangler.toml')).toEqual([
      expect.stringMatching(
        /^w\/wrangler\.toml:2:\d+ worker-config-syntax: The wrangler configuration is not valid TOML: /,
      ),
    ]);
  });

  it.each([
    ['['.repeat(200_000), 'wrangler.jsonc'],
    [`a = ${'['.repeat(200_000)}`, 'wrangler.toml'],
  ])('refuses what is nested without end', (text, file) => {
    expect(problems(text, file)[0]).toContain('worker-config-syntax');
  });

  it('takes an empty file for one that says nothing', () => {
    for (const text of ['', '\u{feff}', '// nothing\n', '{}']) expect(problems(text)).toEqual([]);
  });

  it('has no key that becomes a prototype', () => {
    const config = parseWranglerConfig(
      '{ "__proto__": { "name": "x" }, "env": { "__proto__": {} } }',
      'wrangler.json',
    );
    expect(workerSettings(config).name).toBeUndefined();
    expect(() => workerSettings(config, 'constructor')).toThrow('no environment "constructor"');
  });
});

describe('the environment to deploy', () => {
  const config = parseWranglerConfig(jsonc, 'wrangler.jsonc');

  it.each([
    ['live', 'staging', 'live'],
    [undefined, 'staging', 'staging'],
    ['', 'staging', 'staging'],
    [undefined, 'homelab', undefined],
    [undefined, undefined, undefined],
  ])('asked %j, target %j: %j', (asked, ofTarget, chosen) => {
    expect(chooseEnvironment(config, asked, ofTarget)).toBe(chosen);
  });

  it('is an error when it is asked for and not there', () => {
    expect(() => chooseEnvironment(config, 'stagin')).toThrow(
      'The worker has no environment "stagin". (wrangler.jsonc:13:3) Did you mean "staging"?',
    );
    expect(() => chooseEnvironment(parseWranglerConfig('{}', 'wrangler.json'), 'x')).toThrow(
      'or ask for none',
    );
  });
});
