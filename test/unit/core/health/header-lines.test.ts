import { describe, expect, it } from '@jest/globals';
import { parseHeaderLines } from '../../../../src/core/health/header-lines.ts';

describe('parseHeaderLines', () => {
  it('reads lines, also with Windows line ends', () => {
    expect(parseHeaderLines('Accept: text/html\r\n\r\n X-Url : http://a:1/ \nX-Empty:\n')).toEqual({
      Accept: 'text/html',
      'X-Url': 'http://a:1/',
      'X-Empty': '',
    });
  });

  it('reads a JSON object of texts', () => {
    expect(parseHeaderLines(' {"Accept": "text/html"} ')).toEqual({ Accept: 'text/html' });
  });

  it.each(['{"a": 1}', '{broken', '{"a": null}', 'no colon', ': value', '[]'])('refuses %j', (text) => {
    expect(parseHeaderLines(text)).toBeUndefined();
  });
});
