import { describe, expect, it } from '@jest/globals';
import { fieldDeclaration, stackScriptFields } from '../../../../src/core/gpu/stackscript-fields.ts';

describe('the fields of a StackScript', () => {
  it('are read from its comments, in whatever way they are written', () => {
    const script = [
      '#!/usr/bin/env bash',
      '# <UDF name="model_id" label="Which model?" oneOf="a/b,c/d" default="a/b" />',
      "#<udf name='admin_password' label='Password, \"quoted\"' default=''>",
      '# <UDF name="section" label="Settings" header="Yes" default="Yes" />',
      '  # <UDF name="indented" label="is no declaration" />',
      '# <UDF name="domain" label="Domain" example="example.org"/>',
      'echo \'# <UDF name="no" label="no" />\'',
    ].join('\n');
    expect(stackScriptFields(script)).toEqual([
      { name: 'model_id', label: 'Which model?', oneOf: 'a/b,c/d', default: 'a/b' },
      { name: 'admin_password', label: 'Password, "quoted"', default: '' },
      { name: 'domain', label: 'Domain', example: 'example.org' },
    ]);
  });

  it('are read as they were written', () => {
    const field = { name: 'size', label: 'Which size (of 2)?', oneOf: 's,m', default: 's', example: 'm' };
    expect(stackScriptFields(fieldDeclaration(field))).toEqual([field]);
  });

  it.each(['say "hi"', 'a > b', 'two\nlines'])('are not written with a label that ends them: %j', (label) => {
    expect(() => fieldDeclaration({ name: 'x', label })).toThrow('x: label');
  });
});
