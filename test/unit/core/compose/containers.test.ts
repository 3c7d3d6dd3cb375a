import { describe, expect, it } from '@jest/globals';
import type { ComposeFile } from '../../../../src/core/compose/compose-file.ts';
import { containerPorts } from '../../../../src/core/compose/container-ports.ts';
import {
  extendedPath,
  itemsOf,
  mergeContainers,
  mergedMap,
  settingOf,
} from '../../../../src/core/compose/containers.ts';
import { composeFile } from '../../../../src/core/compose/read-compose-file.ts';
import { readYaml } from '../../../../src/core/config/yaml-source.ts';

function read(file: string, text: string): ComposeFile {
  const reading = readYaml(text, file);
  if (!reading.ok) throw new Error(reading.problems[0].message);
  return composeFile(reading.yaml);
}

const base = (text: string) => read('web/compose.yml', text);
const override = (text: string) => read('web/compose.override.yml', text);

function merge(files: readonly ComposeFile[], others: readonly ComposeFile[] = []) {
  return mergeContainers(files, {
    variables: {},
    fileAt: (path) => [...files, ...others].find(({ yaml }) => yaml.file === path),
  });
}

function portsOf(files: readonly ComposeFile[], others: readonly ComposeFile[] = []): string[] {
  return containerPorts(merge(files, others), {}).map(
    ({ service, port, file, line }) => `${service}:${port} ${file}:${line}`,
  );
}

const published = base('services:\n  web:\n    ports:\n      - 8080:80\n      - 8443:443\n');

describe('the ports of a file and its override', () => {
  it('are added up, each at its own line', () => {
    expect(portsOf([published, override('services:\n  web:\n    ports: ["9000:90"]\n')])).toEqual([
      'web:8080 web/compose.yml:4',
      'web:8443 web/compose.yml:5',
      'web:9000 web/compose.override.yml:3',
    ]);
  });

  it('count once when both publish the same, as compose has it', () => {
    const same = 'services: { web: { ports: ["8080:80", { target: 443, published: "8443" }] } }\n';
    expect(portsOf([published, override(same)])).toHaveLength(2);
    const other = 'services: { web: { ports: ["8080:81", "127.0.0.1:8443:443"] } }\n';
    expect(portsOf([published, override(other)])).toHaveLength(4);
  });

  it.each([
    ['!override ["9000:90"]', ['web:9000 web/compose.override.yml:3']],
    ['!reset []', []],
    ['!reset null', []],
    ['!reset ["9000:90"]', []],
    ['!reset', []],
  ])('are replaced by `ports: %s`', (ports, expected) => {
    expect(portsOf([published, override(`services:\n  web:\n    ports: ${ports}\n`)])).toEqual(expected);
  });

  it('go with a service that is replaced', () => {
    expect(portsOf([published, override('services:\n  web: !reset null\n')])).toEqual([]);
    expect(portsOf([published, override('services:\n  web: !override { ports: ["1:1"] }\n')])).toEqual([
      'web:1 web/compose.override.yml:2',
    ]);
  });
});

describe('extends', () => {
  it('brings the ports of another service of the file, at the line of the one that extends', () => {
    const file = base(
      'services:\n  web: { ports: ["8080:80"] }\n  kid:\n    extends: web\n    ports: ["81:81"]\n',
    );
    expect(portsOf([file])).toEqual([
      'web:8080 web/compose.yml:2',
      'kid:8080 web/compose.yml:3',
      'kid:81 web/compose.yml:5',
    ]);
  });

  it('is followed before the override is merged', () => {
    const file = base('services:\n  web: { ports: ["8080:80"] }\n  kid: { extends: { service: web } }\n');
    const replaced = override('services:\n  web: { ports: !override ["9000:80"] }\n');
    expect(portsOf([file, replaced])).toEqual([
      'web:9000 web/compose.override.yml:2',
      'kid:8080 web/compose.yml:3',
    ]);
  });

  it('leads from file to file, each path relative to the file that names it', () => {
    const file = base('services:\n  web:\n    extends: { service: mid, file: ../common/mid.yml }\n');
    const mid = read('common/mid.yml', 'services: { mid: { extends: { service: low, file: low.yml } } }\n');
    const low = read('common/low.yml', 'services: { low: { image: "x:latest", ports: ["70:70"] } }\n');
    expect(portsOf([file], [mid, low])).toEqual(['web:70 web/compose.yml:2']);
    const [container] = merge([file], [mid, low]);
    expect(container && settingOf(container, 'image')).toEqual({
      value: 'x:latest',
      place: { file: 'web/compose.yml', line: 2, column: 3 },
    });
  });

  it('is dropped by a tag beside it', () => {
    const file = base(
      'services:\n  web: { ports: ["8080:80"] }\n  a: { extends: web, ports: !reset [] }\n  b: { extends: web, ports: !override ["1:1"] }\n',
    );
    expect(portsOf([file])).toEqual(['web:8080 web/compose.yml:2', 'b:1 web/compose.yml:4']);
  });

  it('ends, also in a circle or where nothing is', () => {
    expect(
      portsOf([
        base(
          'services:\n  a: { extends: b, ports: ["1:1"] }\n  b: { extends: a }\n  c: { extends: { service: x, file: none.yml } }\n  d: { extends: [1] }\n',
        ),
      ]),
    ).toEqual(['a:1 web/compose.yml:2', 'b:1 web/compose.yml:3']);
  });

  it.each([
    ['../../etc/passwd', undefined],
    ['/etc/passwd', undefined],
    ['$NOWHERE/x.yml', undefined],
    ['$HERE/x.yml', 'web/sub/x.yml'],
    ['../common/x.yml', 'common/x.yml'],
  ])('knows %s as %s', (path, expected) => {
    const file = base(`services: { a: { extends: { service: b, file: ${path} } } }\n`);
    const [service] = file.services;
    expect(service && extendedPath(file, service, { HERE: 'sub' })).toBe(expected);
  });
});

describe('merged settings', () => {
  const files = [
    base(
      'services:\n  web:\n    image: a:latest\n    cap_add: [A]\n    privileged: true\n    healthcheck: { test: x, interval: 1s }\n',
    ),
    override(
      'services:\n  web:\n    image: a:1\n    cap_add: [B]\n    privileged: !reset null\n    healthcheck: { disable: true }\n',
    ),
  ];
  const [container = { name: '', layers: [] }] = merge(files);

  it('are those of the last file that has them', () => {
    expect(settingOf(container, 'image')).toEqual({
      value: 'a:1',
      place: { file: 'web/compose.override.yml', line: 3, column: 5 },
    });
    expect(settingOf(container, 'privileged')).toBeUndefined();
  });

  it('are added up in lists and maps', () => {
    expect(itemsOf(container, 'cap_add').map(({ value, place }) => [value, place.file])).toEqual([
      ['A', 'web/compose.yml'],
      ['B', 'web/compose.override.yml'],
    ]);
    expect(mergedMap(container, 'healthcheck')).toEqual({ test: 'x', interval: '1s', disable: true });
  });
});

it('takes what is tagged !reset for not written, even where it is referred to', () => {
  const file = base('services:\n  web: { image: !reset a, command: !override [x] }\n  old: !reset {}\n');
  expect(file.value).toEqual({ services: { web: { command: ['x'] } } });
  expect([...file.replacedServices]).toEqual(['old']);
  const referred = base('services: { web: { ports: !reset &p [1], expose: *p } }\n');
  expect(referred.services[0]?.replaced.has('ports')).toBe(true);
});
