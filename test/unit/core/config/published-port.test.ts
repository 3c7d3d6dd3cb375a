import { describe, expect, it } from '@jest/globals';
import { parseConfig } from '../../../../src/core/config/parse.ts';
import { serviceFile } from '../../../../src/core/config/service-file.ts';

function complaints(ports: string): string[] {
  const parsed = parseConfig(serviceFile, `targets: {aws: {ports: {web: [${ports}]}}}`, 's.yml');
  return parsed.ok ? [] : parsed.problems.map(({ message }) => message);
}

describe('the ports of a target', () => {
  it.each([
    '"8081:80"',
    '"80"',
    '80',
    '"127.0.0.1:8081:80/tcp"',
    '"[::1]:53:53/udp"',
    '"8000-8010:9000-9010"',
    '"127.0.0.1::80"',
    '"${WEB_PORT:-8081}:80"',
    '"$ADDRESS:${WEB_PORT}:80"',
    '{target: 80, published: "8081", host_ip: 127.0.0.1, protocol: tcp, mode: host}',
    '"8081:80", "8443:443"',
    '',
  ])('may be %s', (ports) => {
    expect(complaints(ports)).toEqual([]);
  });

  it.each(['"web"', '"8081:web"', '"70000:80"', '"8081:80/sctp"', '"80:80:80:80"', '""', '0', '[80]'])(
    'may not be %s',
    (ports) => {
      expect(complaints(ports)).toEqual([expect.stringMatching(/port/)]);
    },
  );

  it('have keys that compose knows', () => {
    expect(complaints('{target: 80, publishd: 1}')).toEqual([
      'Unknown key "publishd" in "targets.aws.ports.web.0".',
    ]);
  });
});

describe('targets', () => {
  const problems = (text: string) => {
    const parsed = parseConfig(serviceFile, text, 's.yml');
    return parsed.ok ? [] : parsed.problems.map(({ message, remedy, place }) => ({ message, remedy, place }));
  };

  it('are a list or a map, never both', () => {
    expect(problems('targets: [a, {b: {}}]').map(({ message }) => message)).toEqual([
      '"targets.1" must be text, not a map.',
    ]);
    expect(problems('targets: []').map(({ message }) => message)).toEqual([
      '"targets" is empty; name at least one target.',
    ]);
    expect(problems('targets: {}').map(({ message }) => message)).toEqual([
      '"targets" is empty; name at least one target.',
    ]);
  });

  it('name the nearest key for one that is not known', () => {
    expect(problems('targets:\n  aws:\n    helth: []\n')).toEqual([
      {
        message: 'Unknown key "helth" in "targets.aws".',
        remedy: 'Did you mean "health"?',
        place: { file: 's.yml', line: 3, column: 5 },
      },
    ]);
  });
});
