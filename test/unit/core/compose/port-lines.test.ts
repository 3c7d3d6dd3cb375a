import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { portLines } from '../../../../src/core/compose/port-lines.ts';
import { ROOT } from '../../../support/source-tree.ts';

/** Service → its ports, by a parser. */
function portsIn(text: string): unknown {
  const { services } = parse(text) as { services: Record<string, { ports?: unknown } | null> };
  return Object.entries(services).map(([name, service]) => [name, service?.ports]);
}

const usual = `name: shop
x-note:
  ports: ["1:1"]
services:
  # The first.
  web:
    image: web:1
    environment:
      ports: "no"
      LEVEL: 'info'
    ports:
      - "8080:80" # for people
      - target: 90
        published: 9090
    deploy:
      endpoint:
        ports: [5]
  api:
      ports: ["81:81"]

      command: [serve, "--x"]
  job: { image: job, ports: ["82:82"] }
  idle:
volumes:
  ports: {}
networks:
- not: a map
`;

describe('portLines', () => {
  it('leaves names and ports, each on its line', () => {
    const lines = portLines(usual);
    expect(portsIn(lines)).toEqual(portsIn(usual));
    expect(lines.split('\n')).toHaveLength(usual.split('\n').length);
    expect(lines.split('\n')[10]).toBe('    ports:');
    expect(lines).not.toMatch(/image: web|LEVEL|endpoint|volumes|x-note/);
  });

  it.each([
    'services: { web: { ports: ["1:1"] } }',
    'services:\n  web:\n    ports:\n    - "1:1"\n    - "2:2"\n    image: x\n',
    'services:\n    web:\n        image: x\n        ports: ["1:1"]\n    api:\n        ports: []\n',
  ])('finds the same in %j as a parser', (text) => expect(portsIn(portLines(text))).toEqual(portsIn(text)));

  it.each([
    'x-a: &a\n  ports: ["1:1"]\nservices:\n  web:\n    <<: *a\n',
    'services:\n  web:\n    command: |\n      ports:\n        - "1:1"\n    ports: ["2:2"]\n',
    'services:\n  web:\n    command: "a\n      ports: b"\n    ports: ["2:2"]\n',
    'services:\n  web:\n    ports: [\n      "1:1"\n    ]\n',
    'services:\n  web:\n    ports: !override ["1:1"]\n',
    'services:\n    web:\n      ports: []\n  api: {}\n',
    'a: 1\n---\nservices: {}\n',
  ])('takes all of %j, which is not written line by line', (text) => expect(portLines(text)).toBe(text));

  it('finds the same as a parser in every compose file of this repository', () => {
    const files = globSync('{services,test,docs,bench}/**/*compose*.y*ml', { cwd: ROOT });
    expect(files.length).toBeGreaterThan(1);
    for (const file of files) {
      const text = readFileSync(join(ROOT, file), 'utf8');
      expect([file, portsIn(portLines(text))]).toEqual([file, portsIn(text)]);
    }
  });
});
