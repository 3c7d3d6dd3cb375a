import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { githubClient } from '../../../src/adapters/github/client.ts';
import { statusOf } from '../../../src/adapters/github/failure.ts';
import { type FakeGitHub, first, paged, startFakeGitHub } from '../../support/github-api.ts';

let api: FakeGitHub;
beforeEach(async () => {
  api = await startFakeGitHub();
});
afterEach(async () => await api.close());

const client = (more = {}) => githubClient({ token: api.token, apiUrl: api.url, ...more });
const ok = () => ({ body: { fine: true } });

async function failureOf(
  request: Promise<unknown>,
): Promise<{ code: string; message: string; status: number | undefined }> {
  try {
    await request;
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return { code, message, status: statusOf(error) };
  }
  throw new Error('it did not fail');
}

describe('the GitHub client', () => {
  it('sends token, query and body, and gives the answer', async () => {
    api.on('POST /repos/octo/shop/x', ({ body, query }) => ({ body: { body, query } }));
    const answer = await client().request('POST', '/repos/octo/shop/x', {
      query: { a: 'b&c', n: 1 },
      body: { x: [1] },
    });
    expect(answer).toEqual({ body: { x: [1] }, query: { a: 'b&c', n: '1' } });
    expect(api.refused).toEqual([]);
  });

  it('keeps the path of a base address, as GitHub Enterprise has one', async () => {
    api.on('GET /api/v3/user', ok);
    expect(await client({ apiUrl: `${api.url}/api/v3` }).request('GET', '/user')).toEqual({ fine: true });
  });

  it('gives pages one by one, and never takes its token elsewhere', async () => {
    const items = Array.from({ length: 70 }, (_, index) => index);
    api.on('GET /list', paged(items));
    const pages: unknown[] = [];
    for await (const page of client().pages('/list', { query: { per_page: 30 } })) pages.push(page);
    expect(pages).toEqual([items.slice(0, 30), items.slice(30, 60), items.slice(60)]);
    const other = await startFakeGitHub();
    try {
      other.on('GET /list', ok);
      api.on('GET /list', () => ({ body: [], headers: { link: `<${other.url}/list>; rel="next"` } }));
      for await (const page of client().pages('/list')) expect(page).toEqual([]);
      expect(other.requests).toEqual([]);
    } finally {
      await other.close();
    }
  });

  it.each([
    [401, 'API_AUTH'],
    [403, 'API_AUTH'],
    [404, 'API_ERROR'],
    [422, 'API_ERROR'],
  ])('tells of %d as %s at once, without the token', async (status, code) => {
    api.on('GET /x', () => ({ status, body: { message: 'no\n::error::way' } }));
    const failure = await failureOf(client().request('GET', '/x'));
    expect(failure).toMatchObject({ code, status });
    expect(failure.message).toContain('no\\u000a::error::way');
    expect(failure.message).not.toContain(api.token);
    expect(api.requests).toHaveLength(1);
  });

  it('tries again what passes: a busy server, a limit that ends soon', async () => {
    for (const answer of [{ status: 503 }, { status: 429, headers: { 'retry-after': '0' } }]) {
      api.on('GET /x', first(2, answer, ok));
      expect(await client().request('GET', '/x')).toEqual({ fine: true });
    }
    expect(api.requests).toHaveLength(6);
  });

  it('does not send twice what changes something, unless it was turned away', async () => {
    api.on('POST /x', () => ({ status: 502 }));
    await failureOf(client().request('POST', '/x'));
    expect(api.requests).toHaveLength(1);
    api.on('POST /x', first(1, { status: 403, headers: { 'retry-after': '0' } }, ok));
    expect(await client().request('POST', '/x')).toEqual({ fine: true });
  });

  it('ends with its retries, its time and its signal', async () => {
    api.on('GET /busy', () => ({ status: 500 }));
    expect(await failureOf(client({ retries: 1 }).request('GET', '/busy'))).toMatchObject({
      code: 'API_ERROR',
      status: 500,
    });
    expect(api.requests).toHaveLength(2);
    api.on('GET /hang', () => ({ hang: true }));
    const slow = client({ timeout: 100, retries: 1 }).request('GET', '/hang');
    expect(await failureOf(slow)).toMatchObject({ code: 'TIMEOUT', status: undefined });
    const signal = AbortSignal.timeout(100);
    expect(await failureOf(client().request('GET', '/hang', { signal }))).toMatchObject({ code: 'TIMEOUT' });
  });

  it('says why nobody answers', async () => {
    const nobody = githubClient({ token: 'x', apiUrl: 'http://127.0.0.1:9', retries: 0 });
    expect(await failureOf(nobody.request('GET', '/x'))).toMatchObject({
      code: 'API_ERROR',
      message: expect.stringMatching(/ECONNREFUSED|bad port/),
    });
    api.on('GET /x', () => ({ body: undefined }));
    expect(await client().request('GET', '/x')).toBeUndefined();
  });
});
