import { describe, expect, it } from '@jest/globals';
import { LaunchError } from '../../../../src/core/errors.ts';
import {
  isSopsFile,
  parseDecrypted,
  plainLines,
  recipientsOf,
  sopsFault,
} from '../../../../src/core/secrets/sops-file.ts';
import { secretsFileProblems } from '../../../../src/core/validation/secrets-file.ts';

const value = 'ENC[AES256_GCM,data:E1LGcPU=,iv:x=,tag:y==,type:str]';
const encrypted = [
  '#ENC[AES256_GCM,data:/b/KV,iv:x,tag:y==,type:comment]',
  `A=${value}`,
  'EMPTY=',
  'NAME_unencrypted=hello',
  'sops_age__list_0__map_enc=-----BEGIN AGE ENCRYPTED FILE-----\\nYWdl\\n',
  'sops_age__list_0__map_recipient=age1first',
  'sops_age__list_1__map_recipient=age1second',
  `sops_mac=${value}`,
  'sops_unencrypted_suffix=_unencrypted',
  'sops_version=3.13.3',
  '',
].join('\n');

describe('an encrypted file', () => {
  it('is told by its metadata, and names for whom it is', () => {
    expect(isSopsFile(encrypted)).toBe(true);
    expect(recipientsOf(encrypted)).toEqual(['age1first', 'age1second']);
    expect(secretsFileProblems(encrypted, 'services/a/secrets.enc.env', 'a')).toEqual([]);
  });

  it('that is none is an error, which does not quote it', () => {
    for (const text of [
      '',
      'A=sup3rs3cret\n',
      'sops_version=3\nA=sup3rs3cret\n',
      '# sops_mac=ENC[\nA=sup3rs3cret',
    ]) {
      const [problem, ...others] = secretsFileProblems(text, 'services/a/secrets.enc.env', 'a');
      expect(problem).toMatchObject({ rule: 'unencrypted-secrets', severity: 'error', place: { line: 1 } });
      expect(others).toEqual([]);
      expect(JSON.stringify(problem)).not.toContain('sup3rs3cret');
    }
  });

  it('to which somebody has added a line is one at that line', () => {
    expect(plainLines(`${encrypted}ADDED=sup3rs3cret\n`)).toEqual([11]);
    expect(plainLines(encrypted.replace(`A=${value}`, 'A=sup3rs3cret'))).toEqual([2]);
    const [problem] = secretsFileProblems(`${encrypted}ADDED=sup3rs3cret\n`, 'f', 'a');
    expect(problem).toMatchObject({ place: { file: 'f', line: 11 } });
    expect(JSON.stringify(problem)).not.toContain('sup3rs3cret');
  });

  it('may hold values in plain where it says so', () => {
    const some = encrypted.replace('sops_unencrypted_suffix=_unencrypted', 'sops_encrypted_suffix=_SECRET');
    expect(plainLines(`${some}PLAIN=x\nA_SECRET=x\n`)).toEqual([12]);
    expect(plainLines(`${encrypted}sops_encrypted_regex=^(a+)+$\nPLAIN=x\n`)).toEqual([]);
  });
});

describe('parseDecrypted', () => {
  const parse = (values: unknown) => Object.fromEntries(parseDecrypted(JSON.stringify(values), 'the file'));

  it('takes values as they stand, but for quotes around them', () => {
    expect(
      parse({
        A: ' spaced # no comment ',
        B: '"two words"',
        C: `'it "is" \\n'`,
        D: '"a\nb\\"c\\\\"',
        E: '"a" "b"',
        F: '"',
        G: '{"a": "b"}',
        N: 5,
        NONE: '',
      }),
    ).toEqual({
      A: ' spaced # no comment ',
      B: 'two words',
      C: 'it "is" \\n',
      D: 'a\nb"c\\',
      E: '"a" "b"',
      F: '"',
      G: '{"a": "b"}',
      N: '5',
      NONE: '',
    });
  });

  it('takes the carriage returns of a file from Windows for what they are', () => {
    expect(parse({ A: 'a\r', B: '"b"\r', NONE: '' })).toEqual({ A: 'a', B: 'b', NONE: '' });
    expect(parse({ A: 'a\r', B: 'b' })).toEqual({ A: 'a\r', B: 'b' });
  });

  it.each(['', '"sup3rs3cret"', '{"A": sup3rs3cret'])('refuses %j without quoting it', (text) => {
    expect(() => parseDecrypted(text, 'the file')).toThrow(LaunchError);
    expect(() => parseDecrypted(text, 'the file')).not.toThrow(/sup3rs3cret/);
  });

  it('takes 48 KB and no more', () => {
    expect(parse({ A: 'x'.repeat(48 * 1024 - 3) })['A']).toHaveLength(48 * 1024 - 3);
    expect(() => parse({ A: 'x'.repeat(48 * 1024 - 2) })).toThrow(/the file is 49 KB, more than the 48 KB/);
  });
});

describe('sopsFault', () => {
  it.each([
    [128, 'key'],
    [100, 'old'],
    [25, 'changed'],
    [51, 'changed'],
    [1, 'broken'],
  ])('reads the exit status %i', (status, fault) => {
    expect(sopsFault(status)).toBe(fault);
  });
});
