import { describe, expect, it } from '@jest/globals';
import { chooseSecrets } from '../../../../src/core/secrets/choose-secrets.ts';

const place = { file: 'services/a/service.yml' };

describe('chooseSecrets', () => {
  it('lets only declared names pass, and the prefixed one first', () => {
    const given = new Map(Object.entries({ A: 'plain', AWS_A: 'prefixed', B: 'b', C: 'not declared' }));
    const chosen = chooseSecrets({ declared: ['A', 'B', 'A'], prefix: 'AWS_', sources: [given], place });
    expect([...chosen]).toEqual([
      ['A', 'prefixed'],
      ['B', 'b'],
    ]);
  });

  it('takes the plain one where the prefixed one is empty', () => {
    const given = new Map(Object.entries({ A: 'plain', AWS_A: '' }));
    expect(chooseSecrets({ declared: ['A'], prefix: 'AWS_', sources: [given], place }).get('A')).toBe(
      'plain',
    );
  });

  it('names all that are missing or empty', () => {
    const given = new Map(Object.entries({ A: 'a', B: '' }));
    const choose = () =>
      chooseSecrets({ declared: ['A', 'B', 'C'], prefix: undefined, sources: [given], place });
    expect(choose).toThrow(expect.objectContaining({ code: 'SECRET_MISSING' }));
    expect(choose).toThrow(/B, C/);
  });

  it('takes the first source that has a value, whatever the prefix says of a later one', () => {
    const sources = [
      new Map(Object.entries({ A: 'given', B: '' })),
      new Map(Object.entries({ AWS_A: 'of the file', AWS_B: 'of the file', B: 'plain' })),
    ];
    const chosen = chooseSecrets({ declared: ['A', 'B'], prefix: 'AWS_', sources, place });
    expect(Object.fromEntries(chosen)).toEqual({ A: 'given', B: 'of the file' });
  });

  it('says why a source has none', () => {
    const choose = () =>
      chooseSecrets({ declared: ['A'], prefix: undefined, sources: [], place, hints: ['There is no key.'] });
    expect(choose).toThrow(
      /^The secret A is declared, but no value was given\. \(.*\) There is no key\. Put it .*LAUNCH_SECRETS.*--secrets-file/,
    );
  });
});
