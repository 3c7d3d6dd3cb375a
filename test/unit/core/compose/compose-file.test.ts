import { describe, expect, it } from '@jest/globals';
import { parseDotEnv } from '../../../../src/core/compose/compose-file.ts';

describe('parseDotEnv', () => {
  it.each([
    ['LEVEL=info', { LEVEL: 'info' }],
    ['  export LEVEL = info  # as loud as it gets', { LEVEL: 'info' }],
    ['LEVEL: info', { LEVEL: 'info' }],
    ['A="one # two" # three', { A: 'one # two' }],
    ["A='one'\nB=", { A: 'one', B: '' }],
    ['# A=1\n\nB=2\n', { B: '2' }],
  ])('reads %j', (text, values) => expect(parseDotEnv(text)).toEqual(values));

  it.each([`"`, `'`])('reads a value in %s to its end, however many lines that takes', (quote) => {
    const key = `KEY=${quote}-----BEGIN\nNOT=a name\n-----END${quote}\nNEXT=1\n`;
    expect(parseDotEnv(key)).toEqual({ KEY: '-----BEGIN\nNOT=a name\n-----END', NEXT: '1' });
  });

  it('takes a quote that is escaped for part of the value', () => {
    expect(parseDotEnv('A="say \\"yes\\""\nB=1')).toEqual({ A: 'say \\"yes\\"', B: '1' });
  });

  it('ends a quote that nobody closes with its line', () => {
    expect(parseDotEnv('A="one\nB=two\n')).toEqual({ A: '"one', B: 'two' });
  });
});
