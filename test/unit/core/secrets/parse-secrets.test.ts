import { describe, expect, it } from '@jest/globals';
import { LaunchError } from '../../../../src/core/errors.ts';
import { parseSecrets } from '../../../../src/core/secrets/parse-secrets.ts';

const parse = (text: string) => Object.fromEntries(parseSecrets(text, 'The input'));

function refusal(text: string): LaunchError {
  try {
    parseSecrets(text, 'The input');
  } catch (error) {
    if (error instanceof LaunchError) return error;
  }
  throw new Error('it was taken');
}

describe('parseSecrets', () => {
  it('takes NAME=value lines by the rules of dotenv', () => {
    const text = [
      '# a comment',
      '',
      'PLAIN=value',
      'export EXPORTED = spaced ',
      'COMMENTED=value # said',
      'HASH=a#b',
      'EMPTY=',
      `SINGLE='it is $HOME \\n # raw'`,
      'DOUBLE="line\\nnext \\"quoted\\" \\$5 \\\\" # comment',
      'EQUALS=a=b==',
      'PEM="-----BEGIN-----',
      'abc=',
      '-----END-----"',
      "LAST='x'",
    ].join('\n');
    expect(parse(text)).toEqual({
      PLAIN: 'value',
      EXPORTED: 'spaced',
      COMMENTED: 'value',
      HASH: 'a#b',
      EMPTY: '',
      SINGLE: 'it is $HOME \\n # raw',
      DOUBLE: 'line\nnext "quoted" $5 \\',
      EQUALS: 'a=b==',
      PEM: '-----BEGIN-----\nabc=\n-----END-----',
      LAST: 'x',
    });
  });

  it('takes line ends of any system, and a byte order mark', () => {
    expect(parse('\uFEFFA=1\r\nB=2\rC=3')).toEqual({ A: '1', B: '2', C: '3' });
  });

  it('takes a JSON object of texts, numbers and booleans', () => {
    expect(parse(' {"A":"x\\ny","N":1,"B":true,"NONE":null}')).toEqual({ A: 'x\ny', N: '1', B: 'true' });
  });

  it.each([
    ['A=1\nsup3rs3cret\nB=2', 2],
    ['A=1\n\n B: sup3rs3cret', 3],
    ['A="sup3rs3cret', 1],
    [`A='one\ntwo\nsup3rs3cret`, 1],
    ['A="x" sup3rs3cret', 1],
    ['1A=sup3rs3cret', 1],
  ])('names the line of %j, never what stands there', (text, line) => {
    const error = refusal(text);
    expect(error.message).toContain(`Line ${line} of the input`);
    expect(`${error.stack} ${String(error.cause)}`).not.toContain('sup3rs3cret');
  });

  it.each(['{"A": sup3rs3cret}', '{"A": ["sup3rs3cret"]}', '{"A": {"sup3rs3cret": 1}}'])(
    'refuses %j without quoting it',
    (text) => {
      const error = refusal(text);
      expect(error.code).toBe('CONFIG_INVALID');
      expect(`${error.stack} ${String(error.cause)}`).not.toContain('sup3rs3cret');
    },
  );

  it.each([
    '{"A": "ok", "B": "sup3rs3cret\\u0000"}',
    '{"A": "ok", "B": "sup3rs3cret\\ud800"}',
    'A=ok\nB=sup3rs3cret\0',
  ])('refuses %j, which no environment can hold', (text) => {
    const error = refusal(text);
    expect(error).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('Entry 2 of the input'),
    });
    expect(error.message).not.toContain('sup3rs3cret');
  });

  it('takes 48 KB and no more', () => {
    expect(parse(`A=${'x'.repeat(48 * 1024 - 2)}`)['A']).toHaveLength(48 * 1024 - 2);
    expect(refusal(`A=${'x'.repeat(48 * 1024 - 1)}`).message).toContain('48 KB');
  });
});
