import { expect, it } from '@jest/globals';
import { nextFreePort } from '../../../../src/core/scaffold/free-port.ts';

it('goes on until a port is free, and leaves those of the host', () => {
  expect(nextFreePort(8080, new Set())).toBe(8080);
  expect(nextFreePort(8080, new Set([8080, 8081, 8083]))).toBe(8082);
  expect(nextFreePort(80, new Set([81]))).toBe(82);
  expect(nextFreePort(65_535, new Set([65_535]))).toBeUndefined();
});
