import { describe, expect, it } from '@jest/globals';
import { redactor, secretForms } from '../../../../src/core/secrets/redact.ts';
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
