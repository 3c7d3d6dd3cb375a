import { describe, expect, it } from '@jest/globals';
import { addressFrom } from '../../../../src/adapters/host/listeners.ts';

describe('addressFrom', () => {
  it('reads the addresses of the kernel’s tables', () => {
    expect(addressFrom('0100007F')).toBe('127.0.0.1');
    expect(addressFrom('00000000')).toBe('0.0.0.0');
    expect(addressFrom('00000000000000000000000001000000')).toBe('::1');
    expect(addressFrom('0000000000000000FFFF00000100007F')).toBe('127.0.0.1');
    // A wildcard of IPv6 stands for both families.
    expect(addressFrom('00000000000000000000000000000000')).toBe('');
  });
});
