import { describe, expect, it } from '@jest/globals';
import {
  assertPortServices,
  assertPortsReplaced,
  portOverrideFile,
} from '../../../../src/core/deploy/port-override.ts';

describe('the file that replaces ports', () => {
  it('overrides each list, with texts that no YAML takes for numbers', () => {
    expect(portOverrideFile({ web: ['22:22', { target: 80, published: '8081' }], 'a b': [] })).toBe(
      [
        'services:',
        '  web:',
        '    ports: !override',
        '      - "22:22"',
        '      - target: 80',
        '        published: "8081"',
        '  a b:',
        '    ports: !override []',
        '',
      ].join('\n'),
    );
  });
});

describe('assertPortServices', () => {
  it('names the nearest compose service', async () => {
    const placeOf = async () => ({ file: 's.yml', line: 3 });
    await expect(assertPortServices({ wbe: [] }, ['web', 'db'], placeOf)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/"wbe".*s\.yml:3.*Did you mean "web"\?/),
    });
    await expect(assertPortServices({ web: [] }, ['web'], placeOf)).resolves.toBeUndefined();
  });
});

describe('assertPortsReplaced', () => {
  const model = (...published: string[]) => ({
    name: 'x',
    services: { web: { ports: published.map((port) => ({ target: 80, published: port })) } },
  });

  it('takes what compose makes of the override', () => {
    assertPortsReplaced({ web: ['8081:80', '80'] }, model('8081', ''), {});
    assertPortsReplaced({ web: ['8000-8001:80-81'] }, model('8000', '8001'), {});
    assertPortsReplaced({ web: ['8000-8010:80'] }, model('8000-8010'), {});
    assertPortsReplaced({ web: ['${PORT}:80'] }, model('8081'), { PORT: '8081' });
    // Which value it has, only compose knows.
    assertPortsReplaced({ web: ['${PORT}:80'] }, model('8081'), {});
    assertPortsReplaced({ web: [] }, model(), {});
  });

  it('refuses a compose that only adds them', () => {
    for (const ports of [{ web: ['8081:80'] }, { web: [] }]) {
      expect(() => assertPortsReplaced(ports, model('8080', '8081'), {})).toThrow(
        /would still publish 8080.*2\.24\.4/,
      );
    }
  });
});
