// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is how compose writes variables
import { describe, expect, it } from '@jest/globals';
import { composeProjectName } from '../../../../src/core/compose/project-name.ts';
import { publishedPorts } from '../../../../src/core/compose/published-ports.ts';

const web = (...ports: string[]) =>
  `services:\n  web:\n    ports:\n${ports.map((port) => `      - ${port}\n`).join('')}`;
const brief = (text: string, env?: Readonly<Record<string, string>>) =>
  publishedPorts(text, env).map(({ address, port, protocol }) => `${address ?? '*'}:${port}/${protocol}`);

describe('publishedPorts', () => {
  it.each([
    ['"8080:80"', ['*:8080/tcp']],
    ['8080:80', ['*:8080/tcp']],
    ['"127.0.0.1:8080:80"', ['127.0.0.1:8080/tcp']],
    ['"[::1]:8080:80"', ['[::1]:8080/tcp']],
    ['"53:53/udp"', ['*:53/udp']],
    ['"9000-9002:80-82"', ['*:9000/tcp', '*:9001/tcp', '*:9002/tcp']],
    ['"80"', []],
    ['80', []],
    ['"127.0.0.1::80"', []],
    ['"9002-9000:80"', []],
    ['"0-1:80"', ['*:1/tcp']],
    ['"65535-70000:80"', ['*:65535/tcp']],
    ['"999999999999999999999:80"', []],
    ['"x:y"', []],
    ['[8080]', []],
    ['null', []],
    ['{target: 80, published: 8080}', ['*:8080/tcp']],
    [
      '{target: 80, published: "8080-8081", protocol: udp, host_ip: 10.0.0.1}',
      ['10.0.0.1:8080/udp', '10.0.0.1:8081/udp'],
    ],
    ['{target: 80}', []],
    ['{published: [1]}', []],
  ])('reads %s', (port, expected) => {
    expect(brief(web(port))).toEqual(expected);
  });

  it('fills in variables and their defaults, and leaves out what it can not know', () => {
    expect(brief(web('"${PORT:-8080}:80"'))).toEqual(['*:8080/tcp']);
    expect(brief(web('"${PORT-8080}:80"'), { PORT: '90' })).toEqual(['*:90/tcp']);
    expect(brief(web('"${PORT:-8080}:80"'), { PORT: '' })).toEqual(['*:8080/tcp']);
    expect(brief(web('"$PORT:80"'), { PORT: '90' })).toEqual(['*:90/tcp']);
    expect(brief(web('"${PORT}:80"', '"${constructor}:80"'))).toEqual([]);
    expect(brief(web('{target: 80, published: "${PORT:-7000}"}'))).toEqual(['*:7000/tcp']);
  });

  it('names the service and the line', () => {
    const text =
      'services:\n  db: {image: x}\n  web:\n    ports:\n      - "80:80"\n      - target: 443\n        published: 443\n';
    expect(publishedPorts(text)).toEqual([
      { service: 'web', address: undefined, port: 80, protocol: 'tcp', line: 5, column: 9 },
      { service: 'web', address: undefined, port: 443, protocol: 'tcp', line: 6, column: 9 },
    ]);
  });

  it('follows anchors and merges', () => {
    const text = [
      'x-ports: &ports ["8080:80"]',
      'x-base: &base {image: x, ports: ["9090:80"]}',
      'services:',
      '  a: {ports: *ports}',
      '  b: *base',
      '  c: {<<: *base, image: y}',
    ].join('\n');
    expect(publishedPorts(text).map(({ service, port }) => `${service}:${port}`)).toEqual([
      'a:8080',
      'b:9090',
      'c:9090',
    ]);
  });

  it.each([
    '',
    'services: [ports]',
    'services: {web: ports}',
    'services: {web: {ports: "80:80"}}',
    'ports: {',
    '- ports',
  ])('finds none in %j', (text) => expect(publishedPorts(text)).toEqual([]));

  it('does not write out a range without bounds', () => {
    expect(publishedPorts(web('"1-99999999:80"'))).toHaveLength(65_535);
  });
});

describe('composeProjectName', () => {
  it('is the name in the file, else the service’s', () => {
    expect(composeProjectName('name: shop\nservices: {}\n', 'api')).toBe('shop');
    expect(composeProjectName('services: {}\n', 'api')).toBe('api');
  });

  it.each(['name: [a', 'name: 5', 'name: "Sh op"', 'name: --help', 'name: ${NAME}', '- name', ''])(
    'is the service’s where the file has none that can be used: %j',
    (text) => expect(composeProjectName(text, 'api')).toBe('api'),
  );
});
