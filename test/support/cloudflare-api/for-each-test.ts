import { afterEach, beforeEach, expect } from '@jest/globals';
import { type FakeCloudflare, startFakeCloudflare } from './server.ts';

/**
 * A stand-in for Cloudflare, anew for each test of the file. Whatever a test is about: at its end nothing may have been
 * sent that the API would not have understood.
 */
export function cloudflareForEachTest(): FakeCloudflare {
  let running: FakeCloudflare | undefined;
  const now = (): FakeCloudflare => {
    if (running === undefined) throw new Error('the stand-in is there while a test runs');
    return running;
  };
  beforeEach(async () => {
    running = await startFakeCloudflare();
  });
  afterEach(async () => {
    const { refused } = now();
    await now().close();
    running = undefined;
    expect(refused).toEqual([]);
  });
  return new Proxy(Object.create(null), { get: (_target, name) => Reflect.get(now(), name) });
}
