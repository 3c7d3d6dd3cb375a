import { describe, expect, it } from '@jest/globals';
import { chooseSecrets } from '../../../../src/core/secrets/choose-secrets.ts';

const place = { file: 'services/a/service.yml' };

describe('chooseSecrets', () => {
  it('lets only declared names pass, and the prefixed one first', () => {
    const given = new Map(Object.entries({ A: 'plain', AWS_A: 'prefixed', B: 'b', C: 'not declared' }));
    const chosen = chooseSecrets({ declared: ['A', 'B', 'A'], prefix: 'AWS_', given, place });
    expect([...chosen]).toEqual([
      ['A', 'prefixed'],
      ['B', 'b'],
    ]);
  });

  it('takes the plain one where the prefixed one is empty', () => {
    const given = new Map(Object.entries({ A: 'plain', AWS_A: '' }));
    expect(chooseSecrets({ declared: ['A'], prefix: 'AWS_', given, place }).get('A')).toBe('plain');
  });

  it('names all that are missing or empty', () => {
    const given = new Map(Object.entries({ A: 'a', B: '' }));
    const choose = () => chooseSecrets({ declared: ['A', 'B', 'C'], prefix: undefined, given, place });
    expect(choose).toThrow(expect.objectContaining({ code: 'SECRET_MISSING' }));
    expect(choose).toThrow(/B, C/);
  });
});
