import { describe, expect, it } from '@jest/globals';
import { isLoopback, parseOrigin } from '../../../../../src/core/cloudflare/tunnel/origin.ts';

describe('the address of a service', () => {
  it.each([
    ['http://127.0.0.1:3080', '127.0.0.1', true],
    ['https://web_1.internal:8443', 'web_1.internal', true],
    ['http://[::1]:8080', '[::1]', true],
    ['tcp://db:5432', 'db', false],
    ['ssh://localhost:22', 'localhost', false],
    ['unix:/run/shop/web.sock', undefined, true],
    ['http_status:503', undefined, true],
  ])('%s is taken', (service, host, isWeb) => {
    expect(parseOrigin(service, 'service')).toEqual({ service, host, isWeb });
  });

  it('loses the slash that cloudflared would take for a path', () => {
    expect(parseOrigin('http://web:80/', 'service').service).toBe('http://web:80');
  });

  it.each([
    ['a path', 'http://web:80/api'],
    ['a query', 'http://web:80?x=1'],
    ['a user', 'http://admin:hunter22@web:80'],
    ['another scheme', 'ftp://web'],
    ['no scheme', '127.0.0.1:3080'],
    ['a port out of range', 'http://web:65536'],
    ['port 0', 'http://web:0'],
    ['a relative socket', 'unix:web.sock'],
    ['a socket with a line end', 'unix:/run/a\nb'],
    ['a status that is none', 'http_status:999'],
    ['an option', '--config=/etc/passwd'],
    ['blanks', 'http://web 80'],
    ['a shell', 'http://$(reboot)'],
    ['nothing', ''],
  ])('%s is refused', (_what, given) => {
    expect(() => parseOrigin(given, '--service')).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', summary: expect.stringMatching(/^--service is "/) }),
    );
  });

  it('is not repeated with the password in it', () => {
    expect(() => parseOrigin('http://admin:hunter22@web:80', 'service')).toThrow(/\/\/\*\*\*@web/);
    expect(() => parseOrigin('http://admin:hunter22@web:80', 'service')).not.toThrow(/hunter22/);
    expect(() => parseOrigin('http://web/x?key=hunter22', 'service')).not.toThrow(/hunter22/);
  });

  it.each([
    ['http://127.0.0.1:1', true],
    ['http://127.3.2.1:1', true],
    ['http://LOCALHOST:1', true],
    ['http://[::1]:1', true],
    ['http://web:1', false],
    ['unix:/run/localhost', false],
  ])('%s is the own machine: %s', (service, expected) => {
    expect(isLoopback(parseOrigin(service, 'service'))).toBe(expected);
  });
});
