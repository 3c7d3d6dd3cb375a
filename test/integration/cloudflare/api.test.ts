import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type CloudflareClientOptions, cloudflareClient } from '../../../src/adapters/cloudflare/api.ts';
import { apiPath } from '../../../src/adapters/cloudflare/api-path.ts';
import { cloudflareCodeOf, isAmbiguous } from '../../../src/adapters/cloudflare/failure.ts';
import { type FakeCloudflare, startFakeCloudflare } from '../../support/cloudflare-api/server.ts';

let fake: FakeCloudflare;
beforeEach(async () => {
  fake = await startFakeCloudflare();
});
afterEach(async () => {
  await fake.close();
});

const client = (options: Partial<CloudflareClientOptions> = {}) =>
  cloudflareClient({
    token: fake.token,
    accountId: fake.accountId,
    apiUrl: fake.url,
    timeout: 300,
    firstWait: 5,
    ...options,
  });
const buckets = (options: Partial<CloudflareClientOptions> = {}) => {
  const api = client(options);
  return api.request('GET', `${api.account}/r2/buckets`);
};
async function all(items: AsyncIterable<unknown>): Promise<readonly unknown[]> {
  const list: unknown[] = [];
  for await (const item of items) list.push(item);
  return list;
}
const failureOf = async (work: Promise<unknown>) =>
  await work.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: unknown) => error,
  );

describe('the client of the Cloudflare API', () => {
  it('sends the token and gives the result', async () => {
    expect(await buckets()).toEqual({ buckets: [] });
    expect(fake.refused).toEqual([]);
    expect(fake.requests[0]?.headers.authorization).toBe(`Bearer ${fake.token}`);
  });

  it.each([
    ['a wrong token', { token: 'wrong' }],
    ["another's account", { accountId: 'f'.repeat(32) }],
  ])('tells %s as API_AUTH with the code', async (_, options) => {
    const error = await failureOf(buckets(options));
    expect(error).toMatchObject({ code: 'API_AUTH', message: expect.stringContaining('code 10000') });
    expect(fake.requests).toHaveLength(1);
  });

  it.each([
    ['', 'empty'],
    ['secret\nInjected: header', 'line ends'],
  ])('refuses the token %j without showing it', async (token, said) => {
    const error = await failureOf((async () => await buckets({ token }))());
    expect(error).toMatchObject({ code: 'API_AUTH', message: expect.stringContaining(said) });
    expect(String(error)).not.toContain('Injected');
  });

  it('refuses an account id that is none', () => {
    expect(() => client({ accountId: '../../user' })).toThrow(expect.objectContaining({ code: 'API_AUTH' }));
  });

  it('waits as long as a 429 asks for', async () => {
    fake.fail('GET /accounts/*/r2/buckets', 1, { status: 429, headers: { 'retry-after': '1' } });
    const started = performance.now();
    expect(await buckets()).toEqual({ buckets: [] });
    expect(performance.now() - started).toBeGreaterThan(1000);
    expect(fake.requests).toHaveLength(2);
  });

  it('does not wait longer than it may', async () => {
    fake.fail('GET /accounts/*/r2/buckets', 1, { status: 429, headers: { 'retry-after': '61' } });
    const error = await failureOf(buckets());
    expect(error).toMatchObject({ code: 'API_ERROR', message: expect.stringContaining('in 61 s') });
  });

  it('tries a request that may be repeated again after a 503, a hang and a cut connection', async () => {
    fake.fail('GET /accounts/*/r2/buckets', 1, { status: 503 });
    fake.fail('GET /accounts/*/r2/buckets', 1, { hang: true });
    fake.fail('GET /accounts/*/r2/buckets', 1, { cut: true });
    expect(await buckets()).toEqual({ buckets: [] });
    expect(fake.requests).toHaveLength(4);
  });

  it.each([
    ['a 503', { status: 503 } as const, 'API_ERROR'],
    ['a hang', { hang: true } as const, 'TIMEOUT'],
    ['a cut connection', { cut: true } as const, 'API_ERROR'],
  ])('sends a POST once, and says that its fate is not known after %s', async (_, fault, code) => {
    fake.fail('POST /accounts/*/r2/buckets', 1, fault);
    const api = client();
    const error = await failureOf(
      api.request('POST', `${api.account}/r2/buckets`, { body: { name: 'abc' } }),
    );
    expect(error).toMatchObject({ code });
    expect(isAmbiguous(error)).toBe(true);
    expect(fake.requests).toHaveLength(1);
  });

  it('gives up after its retries, with the code and message of the API', async () => {
    fake.fail('GET /accounts/*/r2/buckets', 9, { status: 500 });
    const error = await failureOf(buckets({ retries: 2 }));
    expect(cloudflareCodeOf(error)).toBe(10013);
    expect(String(error)).toMatch(/500, code 10013 to GET http.*unknown error/);
    expect(fake.requests).toHaveLength(3);
  });

  it('tells an answer that is not the API’s', async () => {
    fake.fail('GET /accounts/*/r2/buckets', 9, { status: 200, body: '<html>a proxy says hello</html>' });
    expect(await failureOf(buckets())).toMatchObject({ code: 'API_ERROR' });
    expect(fake.requests).toHaveLength(1);
  });

  it('does not follow where the token must not go', async () => {
    fake.fail('GET /accounts/*/r2/buckets', 9, {
      status: 302,
      headers: { location: `${fake.origin}/other` },
    });
    expect(await failureOf(buckets({ retries: 0 }))).toMatchObject({ code: 'API_ERROR' });
    expect(fake.requests.map(({ path }) => path)).not.toContain('/other');
  });

  it('ends when it is cancelled, also while it waits to try again', async () => {
    fake.fail('GET /accounts/*/r2/buckets', 9, { status: 429, headers: { 'retry-after': '30' } });
    const started = performance.now();
    const error = await failureOf(buckets({ signal: AbortSignal.timeout(100) }));
    expect(error).toMatchObject({ code: 'TIMEOUT' });
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 50);
    expect(await failureOf(buckets({ signal: stop.signal }))).toMatchObject({ code: 'CANCELLED' });
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it('reads lists to their end, in pages and by cursor', async () => {
    const api = client();
    for (let at = 0; at < 12; at += 1) {
      await api.request('POST', `${api.account}/storage/kv/namespaces`, { body: { title: `t${at}` } });
      await api.request('POST', `${api.account}/r2/buckets`, { body: { name: `bucket-${at}` } });
    }
    const titles = await all(api.list(`${api.account}/storage/kv/namespaces`, { pageSize: 5 }));
    expect(titles).toHaveLength(12);
    const named = await all(api.listByCursor(`${api.account}/r2/buckets`, { key: 'buckets', pageSize: 5 }));
    expect(named).toHaveLength(12);
    expect(fake.refused).toEqual([]);
  });

  it('keeps a foreign name within its part of the path', () => {
    expect(apiPath`/accounts/${'../x'}/r2/${'a/b?c#d'}`).toBe('/accounts/..%2Fx/r2/a%2Fb%3Fc%23d');
    for (const name of ['', '.', '..']) expect(() => apiPath`/r2/${name}`).toThrow(/can't be part/);
  });
});
