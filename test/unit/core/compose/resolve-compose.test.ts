import { describe, expect, it } from '@jest/globals';
import type { ComposeFile } from '../../../../src/core/compose/compose-file.ts';
import { composeFile } from '../../../../src/core/compose/read-compose-file.ts';
import { resolveCompose } from '../../../../src/core/compose/resolve-compose.ts';
import { readYaml } from '../../../../src/core/config/yaml-source.ts';

function file(text: string, path = 'services/web/compose.yaml'): ComposeFile {
  const read = readYaml(text, path);
  if (!read.ok) throw new Error(read.problems[0].message);
  return composeFile(read.yaml);
}

const resolve = (...texts: readonly string[]) =>
  resolveCompose(
    texts.map((text) => file(text)),
    { variables: {}, fileAt: () => undefined },
    (text) => text,
  );

describe('resolveCompose', () => {
  it('merges an override file by compose’s rules', () => {
    const merged = resolve(
      `
services:
  web:
    image: web:1
    command: [serve, --old]
    environment: [LEVEL=info, FROM_HOST]
    ports: ["80:80"]
    volumes: ["data:/data", "./a:/conf:ro"]
    labels: { a: one }
volumes: { data: {} }
x-note: kept
`,
      `
services:
  web:
    command: [serve, --new]
    environment: { LEVEL: warn, MORE: 1 }
    ports: ["81:81", "80:80"]
    volumes: ["other:/data"]
    labels: [b=two]
  job: { image: "job:1" }
`,
    );
    expect(merged).toEqual({
      services: {
        web: {
          image: 'web:1',
          command: ['serve', '--new'],
          environment: { LEVEL: 'warn', FROM_HOST: null, MORE: 1 },
          ports: ['81:81', '80:80'],
          volumes: ['./a:/conf:ro', 'other:/data'],
          labels: { a: 'one', b: 'two' },
        },
        job: { image: 'job:1' },
      },
      volumes: { data: {} },
      'x-note': 'kept',
    });
  });

  it('follows extends, anchors and merge keys, and takes resets and overrides for what they are', () => {
    const merged = resolve(
      `
x-base: &base { restart: always, environment: { A: 1 } }
services:
  base: { image: "base:1", ports: ["1:1"] }
  web:
    <<: *base
    extends: base
    command: run
`,
      'services: { web: { ports: !override ["2:2"], command: !reset null } }',
    );
    expect(merged).toMatchObject({
      services: { web: { image: 'base:1', restart: 'always', environment: { A: 1 }, ports: ['2:2'] } },
    });
    expect(JSON.stringify(merged)).not.toMatch(/"(?:command|extends)"/);
  });

  it('survives what no compose file holds', () => {
    for (const text of [
      '',
      '[]',
      'services: 7',
      'services: { web: [1] }',
      'services: { __proto__: { a: 1 } }',
    ]) {
      expect(resolve(text)).toHaveProperty('services');
    }
    expect(Object.prototype).not.toHaveProperty('a');
  });
});
