import { describe, expect, it } from '@jest/globals';
import {
  bodyMatches,
  defaultStatus,
  describeStatus,
  headerMatches,
  isHeader,
  parseBody,
  parseStatus,
  statusMatches,
} from '../../../../src/core/health/expectation.ts';

describe('parseStatus', () => {
  const takes = (text: string, status: number) => statusMatches(parseStatus(text) ?? [], status);

  it.each([
    ['200', [200], [201, 199, 500]],
    ['200,204', [200, 204], [201]],
    ['200-299', [200, 250, 299], [199, 300]],
    ['2xx', [200, 299], [300]],
    ['2XX, 401', [204, 401], [403]],
  ] as const)('reads %s', (text, good, bad) => {
    for (const status of good) expect(takes(text, status)).toBe(true);
    for (const status of bad) expect(takes(text, status)).toBe(false);
  });

  it.each(['', 'ok', '2x', '6xx', '99', '600', '299-200', '200,', '200;204', '200-', '-200'])(
    'refuses %j',
    (text) => expect(parseStatus(text)).toBeUndefined(),
  );

  it('counts any answer that is no error where nothing is asked', () => {
    expect([200, 204, 301, 399].every((status) => statusMatches(defaultStatus, status))).toBe(true);
    expect([100, 199, 400, 404, 500, 503].some((status) => statusMatches(defaultStatus, status))).toBe(false);
  });

  it('is described as it would be written', () => {
    expect(describeStatus(parseStatus('200,2xx,200-204') ?? [])).toBe('200, 2xx, 200-204');
    expect(describeStatus(defaultStatus)).toBe('200-399');
  });
});

describe('the body expectation', () => {
  it('is a text, with everything in it literal', () => {
    const text = parseBody('a.b|c');
    expect(text !== undefined && bodyMatches(text, 'x a.b|c y')).toBe(true);
    expect(text !== undefined && bodyMatches(text, 'aXb')).toBe(false);
  });

  it('is a regular expression between slashes', () => {
    const pattern = parseBody('/^ok$/m');
    expect(pattern !== undefined && bodyMatches(pattern, 'a\nok\nb')).toBe(true);
    expect(pattern !== undefined && bodyMatches(pattern, 'not ok')).toBe(false);
    const lenient = parseBody('/"status":\\s*"(ok|up)"/i');
    expect(lenient !== undefined && bodyMatches(lenient, '{"STATUS": "UP"}')).toBe(true);
  });

  it('gives the same answer each time it is asked', () => {
    const pattern = parseBody('/ok/i');
    const answers = [1, 2, 3].map(() => pattern !== undefined && bodyMatches(pattern, 'OK'));
    expect(answers).toEqual([true, true, true]);
  });

  it('is nothing when it is empty or not a valid expression', () => {
    expect(parseBody('')).toBeUndefined();
    expect(parseBody('/(/')).toBeUndefined();
  });
});

describe('headers', () => {
  it('must be there, and match where a value is asked', () => {
    expect(headerMatches({ name: 'x', value: undefined }, undefined)).toBe(false);
    expect(headerMatches({ name: 'x', value: undefined }, '')).toBe(true);
    expect(headerMatches({ name: 'x', value: parseBody('/json/') }, 'application/json')).toBe(true);
    expect(headerMatches({ name: 'x', value: parseBody('html') }, 'application/json')).toBe(false);
  });

  it('can not smuggle a second header in', () => {
    expect(isHeader('X-Token', 'abc def')).toBe(true);
    expect(isHeader('X-Token', 'abc\r\nX-Evil: 1')).toBe(false);
    expect(isHeader('X Token', 'abc')).toBe(false);
    expect(isHeader('X-Token:', 'abc')).toBe(false);
    expect(isHeader('', 'abc')).toBe(false);
  });
});
