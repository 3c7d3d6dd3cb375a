import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { closeServers } from '../../support/local-server.ts';
import {
  type FakeIdeogram,
  ideogramKey,
  type Mood,
  startFakeIdeogram,
} from '../../support/workers/fake-ideogram.ts';
import {
  bearer,
  newOrganisation,
  type RunningWorkers,
  startWorkers,
  testKey,
} from '../../support/workers/start-workers.ts';

let workers: RunningWorkers;
let ideogram: FakeIdeogram;
/** Of an organisation whose images Ideogram makes. */
let painter: string;
beforeAll(async () => {
  ideogram = await startFakeIdeogram();
  workers = await startWorkers({
    vars: { 'image-gen': { IDEOGRAM_API_URL: `${ideogram.url}/`, PROVIDER_TIMEOUT_MS: 3000 } },
    secrets: { 'image-gen': { IDEOGRAM_API_KEY: ideogramKey } },
    entries: { 'image-gen': 'faulty-bucket.mjs' },
  });
  painter = await newOrganisation(workers, 'painter', { imageProvider: 'ideogram', rateLimits: plenty });
});
afterEach(() => {
  ideogram.mood = undefined;
  ideogram.delay = 0;
});
afterAll(async () => {
  await workers.stop();
  closeServers();
});

const plenty = { requestsPerMinute: 1000, tokensPerMinute: 10_000_000 };

async function paint(
  key: string,
  order: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return await workers.fetch('image-gen/v1/images', {
    method: 'POST',
    headers: { ...bearer(key), ...headers },
    body: JSON.stringify({ prompt: 'a cat', ...order }),
  });
}

async function show(key: string, id: string): Promise<Response> {
  return await workers.fetch(`image-gen/v1/images/${id}`, { headers: bearer(key) });
}

async function codeOf(answer: Response): Promise<[number, string]> {
  const body = (await answer.json()) as { error: { code: string } };
  return [answer.status, body.error.code];
}

async function usage(organisation: string): Promise<unknown> {
  return await workers.call('LIMITER', 'usage', organisation);
}

describe('image-gen', () => {
  it('tells whether all that it is bound to answers', async () => {
    const answer = await workers.fetch('image-gen/health');
    expect([answer.status, await answer.json()]).toEqual([
      200,
      {
        status: 'ok',
        checks: { bucket: 'ok', 'rate-limiter': 'ok', 'config-service': 'ok', provider: 'ok' },
      },
    ]);
    const broken = await workers.fetch('image-gen/health', { headers: { 'x-test-bucket': 'head' } });
    expect([broken.status, await broken.json()]).toMatchObject([
      503,
      { status: 'failed', checks: { bucket: 'failed', 'rate-limiter': 'ok' } },
    ]);
  });

  it('makes the same real picture for the same order with the test provider', async () => {
    const made = await paint(testKey, { requestId: 'one', aspectRatio: '16x9' });
    expect(made.status).toBe(201);
    expect(made.headers.get('location')).toBe('/v1/images/one');
    expect(await made.json()).toMatchObject({ requestId: 'one', provider: 'test', contentType: 'image/png' });
    await paint(testKey, { requestId: 'two', aspectRatio: '16x9' });
    await paint(testKey, { requestId: 'three', aspectRatio: '16x9', prompt: 'a dog' });
    const [one, two, three] = await Promise.all(
      ['one', 'two', 'three'].map(async (id) => Buffer.from(await (await show(testKey, id)).arrayBuffer())),
    );
    expect(one?.subarray(1, 4).toString()).toBe('PNG');
    expect([one?.readUInt32BE(16), one?.readUInt32BE(20)]).toEqual([64, 36]);
    expect(two).toEqual(one);
    expect(three).not.toEqual(one);
    expect(ideogram.orders).toEqual([]);
    const answer = await show(testKey, 'one');
    expect(answer.headers.get('content-type')).toBe('image/png');
    expect(answer.headers.get('cache-control')).toContain('private');
    expect(await workers.imageNames()).toContain('e2e-test/one');
  });

  it('asks Ideogram as it is documented, and keeps its image', async () => {
    const made = await paint(painter, {
      requestId: 'real',
      prompt: 'naïve cats\n"quoted"; rm -rf /',
      negativePrompt: 'dogs',
      aspectRatio: '9x16',
      renderingSpeed: 'TURBO',
      seed: 7,
    });
    expect([made.status, await made.json()]).toMatchObject([201, { provider: 'ideogram', seed: 7 }]);
    expect(ideogram.refused).toEqual([]);
    expect(ideogram.orders.at(-1)).toEqual({
      prompt: 'naïve cats\n"quoted"; rm -rf /',
      negative_prompt: 'dogs',
      aspect_ratio: '9x16',
      rendering_speed: 'TURBO',
      num_images: '1',
      seed: '7',
    });
    expect((await (await show(painter, 'real')).arrayBuffer()).byteLength).toBe(70);
  });

  it('fills in what the organisation has set for itself', async () => {
    await workers.fetch('config-service/v1/organisations/painter/configuration', {
      method: 'PUT',
      headers: bearer(painter),
      body: JSON.stringify({ images: { aspectRatio: '4x3', renderingSpeed: 'QUALITY' } }),
    });
    await paint(painter, { requestId: 'defaults' });
    expect(ideogram.orders.at(-1)).toMatchObject({ aspect_ratio: '4x3', rendering_speed: 'QUALITY' });
    await workers.fetch('config-service/v1/organisations/painter/configuration', {
      method: 'DELETE',
      headers: bearer(painter),
    });
    // What was asked is what makes it the same request, not what was filled in.
    expect((await paint(painter, { requestId: 'defaults' })).status).toBe(200);
  });
});

describe('a request id of image-gen', () => {
  it('makes one image, however often and at once it comes', async () => {
    const before = ideogram.orders.length;
    ideogram.delay = 300;
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => paint(painter, { requestId: 'again' })),
    );
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    expect(statuses.filter((status) => status === 409)).toHaveLength(7);
    const underWay = answers.find(({ status }) => status === 409);
    expect(underWay?.headers.get('retry-after')).toBe('2');
    expect((await paint(painter, { requestId: 'again' })).status).toBe(200);
    expect(ideogram.orders.length).toBe(before + 1);
  });

  it('is not for another image, nor used again when its image is deleted', async () => {
    await paint(testKey, { requestId: 'used' });
    expect(await codeOf(await paint(testKey, { requestId: 'used', prompt: 'a dog' }))).toEqual([
      409,
      'request_id_reused',
    ]);
    const path = 'image-gen/v1/images/used';
    expect((await workers.fetch(path, { method: 'DELETE', headers: bearer(testKey) })).status).toBe(204);
    expect(await codeOf(await show(testKey, 'used'))).toEqual([404, 'image_not_found']);
    expect(await codeOf(await paint(testKey, { requestId: 'used' }))).toEqual([409, 'request_id_reused']);
  });

  it('is one for each organisation', async () => {
    const other = await newOrganisation(workers, 'other');
    await paint(testKey, { requestId: 'shared' });
    expect(await codeOf(await show(other, 'shared'))).toEqual([404, 'image_not_found']);
    for (const id of ['..%2fe2e-test%2fshared', '%2e%2e%2fe2e-test', 'a'.repeat(2000), '%00', 'x%27--']) {
      expect(await codeOf(await show(other, id))).toEqual([404, expect.any(String)]);
    }
    expect((await paint(other, { requestId: 'shared', prompt: 'a dog' })).status).toBe(201);
    expect(await workers.imageNames()).toEqual(expect.arrayContaining(['e2e-test/shared', 'other/shared']));
  });

  it.each([
    {},
    { requestId: '' },
    { requestId: '../x' },
    { requestId: 'a/b' },
    { requestId: 'a'.repeat(65) },
    { requestId: 'ok', prompt: '' },
    { requestId: 'ok', prompt: 'x'.repeat(4001) },
    { requestId: 'ok', seed: -1 },
    { requestId: 'ok', aspectRatio: '7x1' },
    { requestId: 'ok', apiKey: 'x' },
  ])('is refused in %j', async (order) => {
    expect(await codeOf(await paint(testKey, order))).toEqual([400, 'invalid_request']);
  });
});

describe('an image that does not come', () => {
  const cases: readonly [string, Mood, number, string][] = [
    ['takes too long', 'hang', 504, 'provider_timeout'],
    ['is cut off', 'cut', 502, 'provider_failed'],
    ['is elsewhere', 'redirect', 502, 'provider_failed'],
    ['is refused', { status: 400 }, 422, 'request_refused'],
    ['is refused by the key', { status: 401 }, 502, 'provider_refused'],
    ['is not paid for', { status: 402 }, 502, 'provider_refused'],
    ['is not allowed', { status: 422 }, 422, 'prompt_refused'],
    ['is too much', { status: 429, headers: { 'retry-after': '17' } }, 503, 'provider_busy'],
    ['finds a fault', { status: 500 }, 502, 'provider_failed'],
    ['finds nobody', { status: 503 }, 503, 'provider_busy'],
    ['is nonsense', { body: '<html>' }, 502, 'provider_failed'],
    ['is none', { body: { created: '', data: [] } }, 502, 'provider_failed'],
    ['is too long a list', { body: `{"data":"${'x'.repeat(300_000)}"}` }, 502, 'provider_failed'],
    ['is unsafe', { body: { data: [{ is_image_safe: false, url: null }] } }, 422, 'prompt_refused'],
    [
      'lies in a file',
      { body: { data: [{ is_image_safe: true, url: 'file:///etc/passwd' }] } },
      502,
      'provider_failed',
    ],
    ['does not arrive', 'hang-on-download', 504, 'provider_timeout'],
    ['breaks off', 'cut-download', 502, 'provider_failed'],
    ['is a page', 'no-image', 502, 'provider_failed'],
    ['has no end', 'endless-image', 502, 'provider_failed'],
  ];

  it.each(cases)('because it %s counts for nothing, and tells no key', async (what, mood, status, code) => {
    const requestId = what.replaceAll(' ', '-');
    const before = await usage('painter');
    ideogram.mood = mood;
    const refused = await paint(painter, { requestId });
    const text = await refused.clone().text();
    expect(await codeOf(refused)).toEqual([status, code]);
    expect(text).not.toContain(ideogramKey);
    expect(text).not.toContain('127.0.0.1');
    if (status === 503) {
      expect(refused.headers.get('retry-after')).toBe(
        code === 'provider_busy' && what === 'is too much' ? '17' : '5',
      );
    }
    expect(await usage('painter')).toMatchObject({
      requests: (before as { requests: number }).requests,
      tokens: (before as { tokens: number }).tokens,
    });
    // And the same id can be tried at once.
    ideogram.mood = undefined;
    expect((await paint(painter, { requestId })).status).toBe(201);
    expect(ideogram.refused).toEqual([]);
  });

  it('leaves no key in the log', async () => {
    const logs = JSON.stringify(await workers.logs());
    expect(logs).toContain('no image');
    expect(logs).not.toContain(ideogramKey);
    expect(logs).not.toContain(painter.slice(-43));
  });
});

describe('a bucket that fails', () => {
  it.each(['head', 'put'])('at %s costs the organisation nothing', async (method) => {
    const key = await newOrganisation(workers, `unlucky-${method}`, { rateLimits: plenty });
    const refused = await paint(key, { requestId: 'a' }, { 'x-test-bucket': method });
    expect(await codeOf(refused.clone())).toEqual([503, 'storage_unavailable']);
    expect(await refused.text()).not.toContain('10001');
    expect(await usage(`unlucky-${method}`)).toMatchObject({ requests: 0, tokens: 0 });
    expect((await paint(key, { requestId: 'a' })).status).toBe(201);
  });

  it('at get is a fault without a word of why', async () => {
    await paint(testKey, { requestId: 'there' });
    const answer = await workers.fetch('image-gen/v1/images/there', {
      headers: { ...bearer(testKey), 'x-test-bucket': 'get' },
    });
    expect([answer.status, await answer.text()]).toEqual([500, expect.not.stringContaining('10001')]);
  });
});

describe('the limits of image-gen', () => {
  it('are those of the organisation, and say how long to wait', async () => {
    const limits = { requestsPerMinute: 2, tokensPerMinute: 100_000 };
    const key = await newOrganisation(workers, 'limited', { rateLimits: limits });
    for (const requestId of ['a', 'b']) expect((await paint(key, { requestId })).status).toBe(201);
    const refused = await paint(key, { requestId: 'c' });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(50);
    expect(await codeOf(refused)).toEqual([429, 'rate_limited']);
    // What is there already is free.
    expect((await paint(key, { requestId: 'a' })).status).toBe(200);
    const small = await newOrganisation(workers, 'small', {
      rateLimits: { requestsPerMinute: 9, tokensPerMinute: 600 },
    });
    expect(await codeOf(await paint(small, { requestId: 'a' }))).toEqual([413, 'more_than_the_limit']);
    expect((await paint(small, { requestId: 'a', renderingSpeed: 'TURBO' })).status).toBe(201);
  });

  it('need a key that is for images', async () => {
    const key = await newOrganisation(workers, 'reader', {}, ['configuration:read']);
    expect(await codeOf(await paint(key, { requestId: 'a' }))).toEqual([403, 'forbidden']);
    expect(await codeOf(await paint('nonsense', { requestId: 'a' }))).toEqual([401, 'unauthenticated']);
    expect((await workers.fetch('image-gen/v1/images/one')).status).toBe(401);
  });
});
