import { describe, expect, it } from '@jest/globals';
import { fieldDeclaration, userDefinedFields } from '../../../../src/core/gpu/user-defined-fields.ts';

const field = {
  name: 'size',
  label: 'Which size (of 2)?',
  fallback: '',
  oneOf: ['s', 'm'],
  example: "m, the baker's",
};

describe('the line that declares a field', () => {
  it('is read as it was written', () => {
    expect(userDefinedFields(fieldDeclaration(field))).toEqual([field]);
    const least = { ...field, fallback: undefined, oneOf: undefined, example: undefined };
    expect(fieldDeclaration(least)).toBe('# <UDF name="size" label="Which size (of 2)?" />');
    expect(userDefinedFields(fieldDeclaration(least))).toEqual([least]);
  });

  it.each(['say "hi"', 'a > b', 'two\nlines'])('has no label that ends it: %j', (label) => {
    expect(() => fieldDeclaration({ ...field, label })).toThrow('size: its label');
  });
});
