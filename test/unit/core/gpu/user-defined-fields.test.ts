import { describe, expect, it } from '@jest/globals';
import { isSecretField, userDefinedFields } from '../../../../src/core/gpu/user-defined-fields.ts';

describe('the fields of a StackScript', () => {
  it('are those of its UDF lines, with what is said of each', () => {
    const script = `#!/bin/bash
# <UDF name="model_id" label="Model" default="small" oneOf="small, large">
#<udf name='token_password' label='Token' default="" />
# <UDF name="needed" label="Needed">
# <UDF label="nameless">
echo '<UDF name="none">'
`;
    expect(userDefinedFields(script)).toEqual([
      { name: 'model_id', fallback: 'small', oneOf: ['small', 'large'] },
      { name: 'token_password', fallback: '', oneOf: undefined },
      { name: 'needed', fallback: undefined, oneOf: undefined },
    ]);
  });

  it.each(['hf_token_password', 'api_key', 'SECRET', 'access_token'])('%s is a secret', (name) => {
    expect(isSecretField(name)).toBe(true);
  });

  it.each(['model_id', 'admin_email', 'allowed_addresses'])('%s is none', (name) => {
    expect(isSecretField(name)).toBe(false);
  });
});
