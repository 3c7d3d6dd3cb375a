import { describe, expect, it } from '@jest/globals';
import {
  defaultResourceName,
  isEnvironmentName,
  isWorkerName,
} from '../../../../src/core/cloudflare/worker-name.ts';

describe('the name of a worker', () => {
  it.each(['a', 'rate-limiter', 'a_b', '_a', '0', 'a'.repeat(63)])('may be %j', (name) => {
    expect(isWorkerName(name)).toBe(true);
  });

  it.each(['', '-a', 'a-', 'A', 'a b', 'a.b', '../a', 'a/b', "a'", 'a'.repeat(64), 'ä', 'a\n'])(
    'may not be %j',
    (name) => expect(isWorkerName(name)).toBe(false),
  );
});

describe('the name of an environment', () => {
  it.each(['production', 'Staging_2'])('may be %j', (name) => expect(isEnvironmentName(name)).toBe(true));
  it.each(['', 'a b', 'a.b', '../x', 'a\n'])('may not be %j', (name) => {
    expect(isEnvironmentName(name)).toBe(false);
  });
});

it('names a resource as wrangler would', () => {
  expect(defaultResourceName('config-service-staging', 'CONFIG_CACHE')).toBe(
    'config-service-staging-config-cache',
  );
});
