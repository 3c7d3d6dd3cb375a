import { describe, expect, it } from '@jest/globals';
import { parseHostname, zoneCandidates } from '../../../../../src/core/cloudflare/tunnel/hostname.ts';

describe('a public hostname', () => {
  it.each([
    ['chat.example.org', 'chat.example.org'],
    ['Chat.Example.ORG.', 'chat.example.org'],
    ['*.example.org', '*.example.org'],
    ['_dmarc.a.b.example.org', '_dmarc.a.b.example.org'],
    ['xn--mnchen-3ya.example.org', 'xn--mnchen-3ya.example.org'],
  ])('%s is taken as %s', (given, expected) => {
    expect(parseHostname(given, 'hostname')).toBe(expected);
  });

  it.each([
    ['a name without a zone', 'localhost'],
    ['a URL', 'https://chat.example.org'],
    ['a path', 'chat.example.org/api'],
    ['a port', 'chat.example.org:443'],
    ['an address', '192.0.2.1'],
    ['a wildcard in the middle', 'a.*.example.org'],
    ['a path out of a folder', '../../etc.passwd'],
    ['SQL', "x'); DROP TABLE instances; --.example.org"],
    ['a workflow command', '::set-output name=x::y.example.org'],
    ['a line end', 'chat.example.org\nevil.example.org'],
    ['a name beyond ASCII', 'münchen.example.org'],
    ['a label that ends with a hyphen', 'chat-.example.org'],
    ['a label that is too long', `${'a'.repeat(64)}.example.org`],
    ['a name that is too long', `${'a.'.repeat(126)}org`],
    ['an empty label', 'chat..example.org'],
    ['nothing', ''],
  ])('%s is refused', (_what, given) => {
    expect(() => parseHostname(given, 'The input `hostname`')).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        summary: expect.stringMatching(/^The input `hostname` is "[^\n]*", which is no public hostname\.$/),
      }),
    );
  });
});

it('the zones of a hostname are tried from the longest on, and none is a top-level domain', () => {
  expect(zoneCandidates('*.chat.shop.example.org')).toEqual([
    'chat.shop.example.org',
    'shop.example.org',
    'example.org',
  ]);
  expect(zoneCandidates('example.org')).toEqual(['example.org']);
});
