import { afterEach, beforeEach, expect } from '@jest/globals';
import { type FakeLinode, type FakeLinodeOptions, startFakeLinode } from './server.ts';

/**
 * A stand-in for Linode, anew for each test of the file. Whatever a test is about: at its end nothing may have been sent
 * that the API would not have understood.
 */
export function linodeForEachTest(options: FakeLinodeOptions = {}): FakeLinode {
  let running: FakeLinode | undefined;
  const now = (): FakeLinode => {
    if (running === undefined) throw new Error('the stand-in is there while a test runs');
    return running;
  };
  beforeEach(async () => {
    running = await startFakeLinode(options);
  });
  afterEach(async () => {
    const { refused } = now();
    await now().close();
    running = undefined;
    expect(refused).toEqual([]);
  });
  return new Proxy(Object.create(null), { get: (_target, name) => Reflect.get(now(), name) });
}
