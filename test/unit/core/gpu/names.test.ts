import { describe, expect, it } from '@jest/globals';
import { publicKeysIn } from '../../../../src/core/gpu/authorized-keys.ts';
import { firewallLabel, parseLabel, stackScriptLabel } from '../../../../src/core/gpu/labels.ts';
import { checkData, checkScript } from '../../../../src/core/gpu/stackscript.ts';
import { isSecretField, userDefinedFields } from '../../../../src/core/gpu/user-defined-fields.ts';

describe('the label of an instance', () => {
  it.each(['abc', 'ai-sandbox', 'A.b_c-9', 'a'.repeat(64)])('can be %s', (label) => {
    expect(parseLabel(label, 'x')).toBe(label);
  });

  it.each([
    '',
    'ab',
    '9abc',
    'abc-',
    'a--b',
    'a__b',
    'a..b',
    'a/b',
    '../../etc',
    "x'); DROP",
    '::set-output',
    'ä-bc',
    'a'.repeat(65),
  ])("can't be %j", (label) => {
    expect(() => parseLabel(label, 'x')).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });

  it.each([
    'abc',
    'a'.repeat(25),
    'a'.repeat(26),
    'b'.repeat(64),
    'a-b-c-d-e-f-g-h-i-j-k-l-m-n-o-p',
    'abcdefghijklmno-pqrstuvwxyz',
  ])('of %s gives one of a firewall, which the API takes', (label) => {
    expect(firewallLabel(label)).toMatch(/^(?!.*(--|__|\.\.))[a-zA-Z][\w.-]{1,30}[a-zA-Z0-9]$/);
  });

  it('long ones that begin alike have firewalls of their own', () => {
    expect(firewallLabel(`${'a'.repeat(40)}1`)).not.toBe(firewallLabel(`${'a'.repeat(40)}2`));
  });

  it('a StackScript is called by its file', () => {
    expect(stackScriptLabel('stackscripts/ai-sandbox.sh')).toBe('launch-ai-sandbox');
  });
});

describe('public keys', () => {
  const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAbc me@host';
  it('are read from a file, without comments', () => {
    expect(publicKeysIn(`# mine\n${key}\r\n\n`, 'x')).toEqual([key]);
  });

  it.each([
    ['-----BEGIN OPENSSH PRIVATE KEY-----\nsecret', 'private key'],
    ['', 'holds no key'],
    ['hello', 'entry 1'],
    [`${key}\nssh-rsa`, 'entry 2'],
    [`command="rm" ${key}`, 'entry 1'],
  ])('%j are none', (text, said) => {
    expect(() => publicKeysIn(text, 'x')).toThrow(said);
    expect(() => publicKeysIn(text, 'x')).not.toThrow(/secret/);
  });
});

describe('a StackScript', () => {
  const script = `#!/bin/bash
# <UDF name="a" label="A" default="x">
#  <udf name='b_password' label="B's"  oneOf="p, q">
# not <UDF name="c"`;

  it('says what it asks for', () => {
    expect(userDefinedFields(script)).toMatchObject([
      { name: 'a', fallback: 'x', oneOf: undefined },
      { name: 'b_password', fallback: undefined, oneOf: ['p', 'q'] },
    ]);
  });

  it.each([
    [{}, 'lacks "b_password"'],
    [{ b_password: 'p', d: '1' }, '"d", which the script does not ask for'],
    [{ b_password: 'secret-x' }, 'a value that the script does not take'],
  ])('is not given %j', (data, said) => {
    const check = () => checkData(userDefinedFields(script), new Map(Object.entries(data)), 'x');
    expect(check).toThrow(said);
    expect(check).not.toThrow(/secret-x/);
  });

  it('is given what it asks for', () => {
    expect(() => checkData(userDefinedFields(script), new Map([['b_password', 'q']]), 'x')).not.toThrow();
    expect(() => checkScript(script, 'x')).not.toThrow();
    expect(() => checkScript('echo', 'x')).toThrow('#!');
    expect(() => checkScript(`#!${'x'.repeat(65_534)}`, 'x')).toThrow('65536 characters');
  });

  it.each(['hf_token_password', 'api_key', 'ADMIN_PASSWORD', 'client_secret', 'license_key', 'db_pwd'])(
    '%s is secret',
    (name) => {
      expect(isSecretField(name)).toBe(true);
    },
  );

  it('a model is not', () => expect(isSecretField('model_id')).toBe(false));
});
