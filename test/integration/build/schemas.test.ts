// The generated JSON Schemas, by which editors check, agree with what Launch itself takes.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import * as z from 'zod/mini';
import { launchFile } from '../../../src/core/config/launch-file.ts';
import { serviceFile } from '../../../src/core/config/service-file.ts';
import { instanceFile } from '../../../src/core/instances/instance-file.ts';
import { ROOT } from '../../support/source-tree.ts';

const schema = (name: string) =>
  z.parse(
    z.looseObject({ $id: z.string() }),
    JSON.parse(readFileSync(join(ROOT, `schemas/${name}.schema.json`), 'utf8')),
  );

const ajv = new Ajv({ strict: true, allowUnionTypes: true, strictRequired: false });
const launchSchema = ajv.compile(schema('launch'));
const serviceSchema = ajv.compile(schema('service'));
const instanceSchema = ajv.compile(schema('instance'));

function verdicts(text: string, zod: z.ZodMiniType, json: (value: unknown) => unknown) {
  const value: unknown = parse(text);
  return { zod: z.safeParse(zod, value).success, json: json(value) };
}

describe('service.schema.json', () => {
  it.each([
    '{}',
    'enabled: false',
    'targets: [homelab, aws]',
    'driver: compose\nstrategy: blue-green\ndrain: 1.5m\nsteady: 20s\nstateful: [mongodb]',
    'route: { host: chat.example.org, path: /, port: 3080 }',
    'url: https://chat.example.org\ndepends-on: [postgres]\ninputs: [../../shared/**]\nignore: ["**/*.md"]',
    'secrets: [OPENAI_API_KEY]\nenv: { LOG_LEVEL: info, COUNT: 3, DEBUG: true }',
    'health:\n  - { http: "http://127.0.0.1:3080/health", status: 200, timeout: 120s }',
    'health:\n  - { http: "http://x", status: [2xx, 304], body: ok, headers: { Accept: "*/*" } }\n  - { tcp: "[::1]:80" }',
    'health:\n  - { command: [./check, fast], interval: 500ms, successes: 2 }\n  - { container: web }',
    'hooks: { build: ./build.sh, pre-deploy: ./migrate.sh, post-deploy: ./warm.sh }\non-delete: stop',
  ])('takes what Launch takes: %s', (text) => {
    expect(verdicts(text, serviceFile, serviceSchema)).toEqual({ zod: true, json: true });
  });

  it.each([
    'enabeld: false',
    'enabled: "no"',
    'target: ../x',
    'target: Homelab',
    'target: a\ntargets: [b]',
    'targets: []',
    'driver: docker',
    'drain: 30',
    'steady: soon',
    'drain: 30 seconds',
    'route: { host: a, port: 70000 }',
    'route: { host: a, port: 1.5 }',
    'route: { port: 80 }',
    'url: ftp://x',
    'inputs: [/etc/passwd]',
    'secrets: [not-a-name]',
    'env: { A: [1] }',
    'env: { "A B": x }',
    'health: [{ timeout: 5s }]',
    'health: [{ http: "http://x", tcp: "x:1" }]',
    'health: [{ tcp: "x:1", status: 200 }]',
    'hooks: { deploy: ./x }',
    '[]',
  ])('refuses what Launch refuses: %s', (text) => {
    expect(verdicts(text, serviceFile, serviceSchema)).toEqual({ zod: false, json: false });
  });
});

describe('launch.schema.json', () => {
  it.each([
    '{}',
    'services: [services/*, apps/*]',
    'targets:\n  homelab: { runs-on: [self-hosted, homelab], host: 192.0.2.10 }\n  aws: { runs-on: { group: big, labels: [x] }, environment: aws, secret-prefix: AWS_ }\n  edge: { runs-on: ubuntu-latest, driver: worker }',
    'defaults: { target: homelab }',
    'registries: [{ host: ghcr.io, username: bot, password-secret: GHCR_TOKEN }]',
    'shared:\n  - { paths: [scripts/lib/**], services: "*" }\n  - { paths: [x], services: [a, b] }',
  ])('takes what Launch takes: %s', (text) => {
    expect(verdicts(text, launchFile, launchSchema)).toEqual({ zod: true, json: true });
  });

  it.each([
    'target: {}',
    'services: []',
    'targets: { Bad_Name: { runs-on: x } }',
    'targets: { a: {} }',
    'targets: { a: { runs-on: [] } }',
    'targets: { a: { runs-on: {} } }',
    'targets: { a: { runs-on: x, host: "a b" } }',
    'defaults: { driver: compose }',
    'registries: [{ host: ghcr.io }]',
    'shared: [{ paths: [], services: "*" }]',
    'shared: [{ paths: [x], services: all }]',
  ])('refuses what Launch refuses: %s', (text) => {
    expect(verdicts(text, launchFile, launchSchema)).toEqual({ zod: false, json: false });
  });
});

describe('instance.schema.json', () => {
  const least = '"instance_id": "acme", "org_id": "acme-corp", "environment": "staging"';

  it.each([
    '',
    '"$schema": "../schemas/instance.schema.json", "name": "ACME & Söhne"',
    '"api_keys": ["A_KEY"], "rate_limits": { "rpm": 60, "tpm": 100000 }, "r2_bucket": "acme-images"',
    '"api_keys": { "A_KEY": "ACME_KEY" }, "rate_limits": { "ideogram": { "rpm": 1 } }, "workers": ["image-gen"]',
    '"database": "multiagent_system_staging"',
  ])('takes what Launch takes: %s', (more) => {
    const text = `{ ${least}${more === '' ? '' : `, ${more}`} }`;
    expect(verdicts(text, instanceFile, instanceSchema)).toEqual({ zod: true, json: true });
  });

  it.each([
    '"instance_id": "x\'); DROP TABLE instances; --"',
    '"instance_id": "acme-"',
    '"environment": "prod"',
    '"api_keys": ["not-a-name"]',
    '"rate_limits": { "rpm": 0 }',
    '"rate_limits": { "rpm": 100001 }',
    '"rate_limits": { "rmp": 1 }',
    '"r2_bucket": "Upper"',
    '"name": ""',
    '"workers": []',
    '"r2_bukcet": "x"',
  ])('refuses what Launch refuses: %s', (more) => {
    const [key = ''] = /"\w+"/.exec(more) ?? [];
    const others = least.split(', ').filter((pair) => !pair.startsWith(key));
    expect(verdicts(`{ ${[...others, more].join(', ')} }`, instanceFile, instanceSchema)).toEqual({
      zod: false,
      json: false,
    });
  });
});
