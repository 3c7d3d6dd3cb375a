import { describe, expect, it } from '@jest/globals';
import { assertNotReserved } from '../../../../src/core/deploy/child-env.ts';
import { looksLikeKey, takeKey } from '../../../../src/core/secrets/sops-key.ts';

describe('the key of an encrypted file', () => {
  it("is taken out of what was given, the target's own first", () => {
    const given = new Map(Object.entries({ A: 'a', SOPS_AGE_KEY: 'plain', AWS_SOPS_AGE_KEY: 'aws' }));
    expect(takeKey(given, undefined)).toMatchObject({ key: 'plain', keys: ['plain'] });
    const { key, keys, rest } = takeKey(given, 'AWS_');
    expect({ key, keys, rest: [...rest] }).toEqual({
      key: 'aws',
      keys: ['aws', 'plain'],
      rest: [['A', 'a']],
    });
    expect(takeKey(new Map([['SOPS_AGE_KEY', '']]), 'AWS_').key).toBeUndefined();
  });

  it('is no name that a service may ask for', () => {
    for (const name of ['SOPS_AGE_KEY', 'SOPS_AGE_KEY_FILE', 'AWS_SOPS_AGE_KEY']) {
      expect(() => assertNotReserved([name], { file: 'service.yml' })).toThrow(name);
    }
  });

  it('blames no file for a variable that was given to the run', () => {
    expect(() => assertNotReserved(['DOCKER_HOST'], undefined)).toThrow(
      "`env` (--env at a terminal) can't set the variable DOCKER_HOST for a deployment. It steers",
    );
  });

  it.each([
    ['AGE-SECRET-KEY-1QQQ', true],
    ['# created: 2026\n# public key: age1x\nAGE-SECRET-KEY-1QQQ\n', true],
    ['AGE-PLUGIN-YUBIKEY-1QQQ', true],
    ['age18n6y65jwthckcewszfd70ps2pme8pdgnkq3hzm9aal3jr0hvzdhqpd9sx0', false],
    ['/etc/keys.txt', false],
  ])('%j: %s', (text, isOne) => {
    expect(looksLikeKey(text)).toBe(isOne);
  });
});
