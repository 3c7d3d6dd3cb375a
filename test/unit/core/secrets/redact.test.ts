import { describe, expect, it } from '@jest/globals';
import { cutRedactor, redactor, secretForms } from '../../../../src/core/secrets/redact.ts';
import { sealOf } from '../../../../src/core/secrets/seal.ts';

describe('secretForms', () => {
  it('has the value, its lines, and their base64 and URL forms', () => {
    const forms = secretForms(['line one\nsecond/line?\nabc']);
    for (const form of [
      'line one\nsecond/line?\nabc',
      'line one',
      'second/line?',
      Buffer.from('line one').toString('base64'),
      Buffer.from('line one\nsecond/line?\nabc').toString('base64'),
      'second%2Fline%3F',
    ]) {
      expect(forms).toContain(form);
    }
    expect(forms).not.toContain('abc');
    expect(forms.map((form) => form.length)).toEqual(
      forms.map((form) => form.length).toSorted((a, b) => b - a),
    );
  });

  it('has a short value, but nothing made of it, and nothing for an empty one', () => {
    expect(secretForms(['ab', '', ' \n'])).toEqual(['ab']);
  });
});

describe('redactor', () => {
  it('hides each form wherever it stands, the longer ones first', () => {
    const redact = redactor(['secret', 'secret-longer', 'a$&b']);
    expect(redact('x secret-longer y secret z a$&b')).toBe('x *** y *** z ***');
    expect(redact(Buffer.from('secret-longer').toString('base64'))).toBe('***');
    expect(redact('nothing here')).toBe('nothing here');
  });

  it('hides the lines that `echo` makes of a value with \\n in it', () => {
    const redact = redactor(['first-part\\nsecond\\tpart\\nab\\n\\\\home']);
    for (const line of ['first-part', 'second\tpart', 'second\\tpart', '\\home'])
      expect(redact(line)).toBe('***');
    // Too short to be told from other text.
    expect(redact('ab')).toBe('ab');
  });

  it('hides what other programs make of a value', () => {
    const value = `it's <b>"A&B"</b> \\ $x`;
    const redact = redactor([value]);
    const xml = 'it&#39;s &lt;b&gt;&quot;A&amp;B&quot;&lt;/b&gt; \\ $x';
    const go = `it's \\u003cb\\u003e\\"A\\u0026B\\"\\u003c/b\\u003e \\\\ $x`;
    for (const form of [xml, go, JSON.stringify(value), `'it'\\''s <b>"A&B"</b> \\ $x'`]) {
      expect(redact(`<${form}>`)).toMatch(/^<["']?\*\*\*["']?>$/);
    }
  });

  it.each(['', 'u:', 'u', 'user:', 'longer-user:'])('hides it in base64 behind %j', (before) => {
    const token = 'c4n4ry-0f-the-authorization';
    const line = `Basic ${Buffer.from(`${before}${token}:end`).toString('base64')}`;
    const left = redactor([token])(line).replace('Basic ', '').split('***').join('');
    expect(left).not.toBe(line);
    expect(left.length).toBeLessThanOrEqual(Math.ceil((before.length + 4 + 8) / 3) * 4);
  });

  it('hides a long piece of a value that was cut, and leaves what only looks a bit like it', () => {
    const value = Array.from({ length: 4000 }, (_, i) => `${i}-${(i * 7919) % 10_007}`).join('.');
    const redact = redactor([value]);
    for (const [from, to] of [
      [0, 24],
      [1, 25],
      [17, 41],
      [16_384, 32_768],
      [value.length - 24, value.length],
    ] as const) {
      expect(redact(`before ${value.slice(from, to)} after`)).toBe('before *** after');
    }
    expect(redact(`x${value.slice(100, 130)}y${value.slice(900, 930)}z`)).toBe('x***y***z');
    expect(redact(value.slice(100, 110))).toBe(value.slice(100, 110));
  });
});

describe('cutRedactor', () => {
  const end = cutRedactor(['topsecret'], 'end');
  const start = cutRedactor(['topsecret'], 'start');

  it('also hides a secret that the excerpt cut in two', () => {
    expect(end('body: topsec')).toBe('body: ***');
    expect(end('body: tops')).toBe('body: ***');
    expect(end('body: top')).toBe('body: top');
    expect(start('secret: body')).toBe('***: body');
    expect(start('ret: body')).toBe('ret: body');
  });

  it('hides the longer of two that overlap, and lines', () => {
    expect(cutRedactor(['abcd', 'abcd-efgh'], 'end')('abcd-efgh')).toBe('***');
    expect(cutRedactor(['one line\nanother'], 'end')('x anoth')).toBe('x ***');
  });
});

describe('sealOf', () => {
  const key = Buffer.alloc(32, 1);
  it('is the same for the same values in any order, and another for any change', () => {
    const seal = sealOf(
      new Map([
        ['A', '1'],
        ['B', '2'],
      ]),
      key,
    );
    expect(
      sealOf(
        new Map([
          ['B', '2'],
          ['A', '1'],
        ]),
        key,
      ),
    ).toBe(seal);
    expect(
      sealOf(
        new Map([
          ['A', '12'],
          ['B', ''],
        ]),
        key,
      ),
    ).not.toBe(seal);
    expect(
      sealOf(
        new Map([
          ['A', '1'],
          ['B', '2'],
        ]),
        Buffer.alloc(32, 2),
      ),
    ).not.toBe(seal);
  });
});

describe('what a shell prints of a secret', () => {
  it('without a locale', () => {
    expect(redactor(["ü's\t\\"])("$'\\303\\274\\'s\\t\\\\'")).toBe("$'***'");
  });

  const text = `a b'c"d$e\`f\\g#h(i)!j~k*l,m`;
  it.each([
    ['printf %q', `a\\ b\\'c\\"d\\$e\\\`f\\\\g#h\\(i\\)\\!j~k\\*l\\,m`],
    ['declare -p', `a b'c\\"d\\$e\\\`f\\\\g#h(i)!j~k*l,m`],
    ['set -x', `a b'\\''c"d$e\`f\\g#h(i)!j~k*l,m`],
    ['a form', 'a+b%27c%22d%24e%60f%5Cg%23h%28i%29%21j%7Ek*l%2Cm'],
    ['a strict URL', 'a%20b%27c%22d%24e%60f%5Cg%23h%28i%29%21j~k%2Al%2Cm'],
    ['a URL in lower case', 'a%20b%27c%22d%24e%60f%5cg%23h%28i%29%21j~k%2al%2cm'],
  ])('%s', (_, printed) => {
    expect(redactor([text])(`<${printed}>`)).toBe('<***>');
  });
});
