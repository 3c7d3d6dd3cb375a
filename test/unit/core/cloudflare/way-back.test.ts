import { describe, expect, it } from '@jest/globals';
import { chooseCredentials } from '../../../../src/core/cloudflare/credentials.ts';
import { leadsTo, obstacleOnWayBack, secretsThatDiffer } from '../../../../src/core/cloudflare/way-back.ts';
import { idOf } from './worker-past.ts';

const binding = (type: string, name: string, target?: string) => ({ type, name, leadsTo: target });
const parts = (more: object = {}) => ({ id: idOf(1), migrationTag: undefined, bindings: [], ...more });

describe('the way back to a version', () => {
  it('is free, or not, and says why', () => {
    expect(obstacleOnWayBack(parts(), parts(), [])).toBeUndefined();
    expect(obstacleOnWayBack(parts(), parts({ migrationTag: 'v2' }), [])).toMatch(
      /migration \(v2\).*\(none\)/,
    );
    const missing = [binding('r2_bucket', 'FILES', 'old-files'), binding('odd', 'X', 'y')];
    expect(obstacleOnWayBack(parts(), parts(), missing)).toBe(
      'what it is bound to is gone: FILES (R2 bucket old-files), X (odd y)',
    );
  });

  it('depends on what the bindings lead to', () => {
    expect(leadsTo({ type: 'd1', id: 'u' })).toBe('u');
    expect(leadsTo({ type: 'd1', database_id: 'u' })).toBe('u');
    expect(leadsTo({ type: 'kv_namespace', namespace_id: 'n' })).toBe('n');
    expect(leadsTo({ type: 'r2_bucket', bucket_name: 'b' })).toBe('b');
    expect(leadsTo({ type: 'service', service: 's' })).toBe('s');
    // Its own objects.
    expect(leadsTo({ type: 'durable_object_namespace', class_name: 'C' })).toBeUndefined();
    expect(leadsTo({ type: 'plain_text', text: 'x' })).toBeUndefined();
    expect(leadsTo({ type: 'constructor' })).toBeUndefined();
  });

  it('brings its own secrets along', () => {
    const a = parts({
      bindings: [binding('secret_text', 'A'), binding('secret_text', 'B'), binding('plain_text', 'C')],
    });
    const b = parts({ bindings: [binding('secret_text', 'B'), binding('secret_text', 'D')] });
    expect(secretsThatDiffer(a, b)).toEqual(['A', 'D']);
    expect(secretsThatDiffer(a, a)).toEqual([]);
  });
});

describe('the account and its token', () => {
  const none = {
    apiToken: undefined,
    accountId: undefined,
    secrets: new Map<string, string>(),
    prefix: undefined,
    env: {},
    configured: undefined,
  };
  const secrets = new Map([
    ['CLOUDFLARE_API_TOKEN', 'secret'],
    ['EDGE_CLOUDFLARE_API_TOKEN', 'prefixed'],
    ['CLOUDFLARE_ACCOUNT_ID', 'acc'],
  ]);
  const env = {
    CLOUDFLARE_API_TOKEN: 'env ',
    CLOUDFLARE_ACCOUNT_ID: 'env-acc',
    CLOUDFLARE_API_BASE_URL: 'http://x',
  };

  it('come from the inputs, the secrets, the variables, in this order', () => {
    expect(chooseCredentials({ ...none, apiToken: 'input', accountId: 'in', secrets, env }, true)).toEqual({
      apiToken: 'input',
      accountId: 'in',
      apiUrl: 'http://x',
    });
    expect(chooseCredentials({ ...none, secrets, env }, true)).toMatchObject({
      apiToken: 'secret',
      accountId: 'acc',
    });
    expect(chooseCredentials({ ...none, secrets, prefix: 'EDGE_' }, true)).toMatchObject({
      apiToken: 'prefixed',
    });
    expect(chooseCredentials({ ...none, env, configured: 'c' }, true)).toMatchObject({
      apiToken: 'env',
      accountId: 'env-acc',
    });
    expect(chooseCredentials({ ...none, apiToken: 't', configured: 'c' }, true).accountId).toBe('c');
  });

  it('are missed where they are needed, and only there', () => {
    expect(() => chooseCredentials(none, true)).toThrow(/no API token for Cloudflare/);
    expect(() => chooseCredentials({ ...none, apiToken: 't' }, true)).toThrow(/not said which account/);
    expect(chooseCredentials(none, false)).toEqual({ apiToken: '', accountId: '', apiUrl: undefined });
  });
});
