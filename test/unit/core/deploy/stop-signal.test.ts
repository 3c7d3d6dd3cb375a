import { describe, expect, it } from '@jest/globals';
import { isStopSignal } from '../../../../src/core/deploy/stop-signal.ts';

describe('isStopSignal', () => {
  it.each([
    [15, ''],
    [9, ''],
    [15, 'SIGQUIT'],
    [3, 'SIGQUIT'],
    [28, 'WINCH'],
    [3, '3'],
    [37, 'SIGRTMIN+3'],
  ])('is %i where the own one is "%s"', (signal, own) => {
    expect(isStopSignal(signal, own)).toBe(true);
  });

  it.each([
    [1, ''],
    [10, 'SIGTERM'],
    [28, 'SIGQUIT'],
    [1, '3'],
  ])('is not %i where the own one is "%s"', (signal, own) => {
    expect(isStopSignal(signal, own)).toBe(false);
  });
});
