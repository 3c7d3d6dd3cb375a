import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Reservation } from '../../../services/rate-limiter/src/contract.ts';
import {
  adminKey,
  bearer,
  newOrganisation,
  type RunningWorkers,
  startWorkers,
  testKey,
} from '../../support/workers/start-workers.ts';

/** Long enough for a test to say what it has to, short enough to wait for its end. */
const shortWindow = 1500;

let workers: RunningWorkers;
let hasty: RunningWorkers;
beforeAll(async () => {
  [workers, hasty] = await Promise.all([
    startWorkers(),
    startWorkers({ vars: { 'rate-limiter': { WINDOW_MS: shortWindow } } }),
  ]);
});
afterAll(() => Promise.all([workers.stop(), hasty.stop()]));

const ten = { requestsPerMinute: 10, tokensPerMinute: 1000 };

async function reserve(
  organisation: string,
  id: string,
  tokens = 1,
  limits = ten,
  at = workers,
): Promise<Reservation> {
  return (await at.call('LIMITER', 'reserve', { organisation, id, tokens, limits })) as Reservation;
}

async function asClient(key: string, method: string, path: string, body?: unknown): Promise<Response> {
  return await workers.fetch(`rate-limiter/v1/${path}`, {
    method,
    headers: bearer(key),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

describe('a bucket of rate-limiter', () => {
  it('is healthy, and leaves no bucket behind for it', async () => {
    const answer = await workers.fetch('rate-limiter/health');
    expect([answer.status, await answer.json()]).toEqual([
      200,
      { status: 'ok', checks: { buckets: 'ok', 'config-service': 'ok' } },
    ]);
    expect(await workers.call('LIMITER', 'ping')).toBe('ok');
  });

  it('lets exactly the limit through, of a hundred at the same moment', async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => reserve('edge', `r${n}`)));
    expect(answers.filter(({ allowed }) => allowed)).toHaveLength(10);
    for (const answer of answers) {
      if (answer.allowed) continue;
      expect(answer.limit).toBe('requests');
      expect(answer.retryAfterMs).toBeGreaterThan(50_000);
      expect(answer.retryAfterMs).toBeLessThanOrEqual(60_000);
    }
    expect(await workers.call('LIMITER', 'usage', 'edge')).toMatchObject({ requests: 10, tokens: 10 });
  });

  it('lets exactly the tokens through', async () => {
    const limits = { requestsPerMinute: 1000, tokensPerMinute: 100 };
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, n) => reserve('tokens', `r${n}`, 7, limits)),
    );
    expect(answers.filter(({ allowed }) => allowed)).toHaveLength(14);
    expect(await reserve('tokens', 'fits', 2, limits)).toMatchObject({ allowed: true });
    expect(await reserve('tokens', 'free', 0, limits)).toMatchObject({ allowed: true });
    expect(await reserve('tokens', 'one', 1, limits)).toMatchObject({ allowed: false, limit: 'tokens' });
    const tooMuch = await reserve('tokens', 'never', 101, limits);
    expect(tooMuch).toMatchObject({ allowed: false, limit: 'tokens' });
    expect(tooMuch).not.toHaveProperty('retryAfterMs');
  });

  it('counts an id once, however often and at once it is said', async () => {
    const answers = await Promise.all(Array.from({ length: 30 }, () => reserve('same', 'only', 5)));
    expect(answers.every(({ allowed }) => allowed)).toBe(true);
    expect(answers.filter((answer) => answer.allowed && answer.repeated === undefined)).toHaveLength(1);
    expect(await workers.call('LIMITER', 'usage', 'same')).toMatchObject({ requests: 1, tokens: 5 });
  });

  it('takes the tokens that were used for those reserved, and gives back what was not', async () => {
    const name = { organisation: 'settle', id: 'a' };
    await reserve('settle', 'a', 900);
    expect(await reserve('settle', 'b', 200)).toMatchObject({ allowed: false, limit: 'tokens' });
    const settle = (tokens: number) => workers.call('LIMITER', 'settle', { ...name, tokens });
    expect(await settle(100)).toMatchObject({ outcome: 'done', usage: { requests: 1, tokens: 100 } });
    expect(await settle(100)).toMatchObject({ outcome: 'done' });
    expect(await settle(101)).toEqual({ outcome: 'settled' });
    expect(await reserve('settle', 'a', 900)).toMatchObject({ allowed: true, repeated: 'settled' });
    expect(await workers.call('LIMITER', 'release', name)).toEqual({ outcome: 'settled' });
    await reserve('settle', 'b', 200);
    expect(await workers.call('LIMITER', 'release', { ...name, id: 'b' })).toEqual({ outcome: 'done' });
    expect(await workers.call('LIMITER', 'release', { ...name, id: 'b' })).toEqual({ outcome: 'unknown' });
    expect(await workers.call('LIMITER', 'settle', { ...name, id: 'never', tokens: 1 })).toEqual({
      outcome: 'unknown',
    });
    expect(await workers.call('LIMITER', 'usage', 'settle')).toMatchObject({ requests: 1, tokens: 100 });
  });

  it('knows what it let through after its machine was taken away', async () => {
    await Promise.all(Array.from({ length: 9 }, (_, n) => reserve('moved', `r${n}`)));
    await workers.evictBucket('moved');
    const answers = await Promise.all(Array.from({ length: 5 }, (_, n) => reserve('moved', `s${n}`)));
    expect(answers.filter(({ allowed }) => allowed)).toHaveLength(1);
    await workers.evictBucket('moved');
    expect(await reserve('moved', 'r3')).toMatchObject({ allowed: true, repeated: 'open' });
    expect(await workers.call('LIMITER', 'usage', 'moved')).toMatchObject({ requests: 10, tokens: 10 });
  });

  it('is one for each organisation', async () => {
    const one = { requestsPerMinute: 1, tokensPerMinute: 10 };
    for (const organisation of ['a', 'A', 'a-', 'a_', 'aa', 'constructor', 'toString', '0']) {
      expect(await reserve(organisation, 'r', 1, one)).toMatchObject({ allowed: true });
      expect(await reserve(organisation, 's', 1, one)).toMatchObject({ allowed: false });
    }
  });

  it.each([
    '',
    ' health',
    '../../etc/passwd',
    `x'); DROP TABLE admissions; --`,
    '__proto__',
    'a\n::set-output name=x::y',
    'ä',
    'a'.repeat(65),
    'a/b',
    '\u0000',
  ])('takes no organisation %j', async (organisation) => {
    const before = await workers.bucketIds();
    await expect(reserve(organisation, 'r')).rejects.toThrow();
    await expect(workers.call('LIMITER', 'usage', organisation)).rejects.toThrow();
    expect(await workers.bucketIds()).toEqual(before);
  });

  it.each([
    { id: '' },
    { id: "x' OR 1=1" },
    { id: 'a'.repeat(129) },
    { tokens: -1 },
    { tokens: 0.5 },
    { tokens: Number.MAX_SAFE_INTEGER },
    { tokens: '1' },
    { limits: { requestsPerMinute: 0, tokensPerMinute: 1 } },
    { limits: { requestsPerMinute: 1e9, tokensPerMinute: 1 } },
    { more: true },
  ])('takes no request with %j', async (wrong) => {
    const request = { organisation: 'wrong', id: 'r', tokens: 1, limits: ten, ...wrong };
    await expect(workers.call('LIMITER', 'reserve', request)).rejects.toThrow();
  });
});

describe('a window of rate-limiter', () => {
  const three = { requestsPerMinute: 3, tokensPerMinute: 1000 };
  const pass = (organisation: string, id: string) => reserve(organisation, id, 1, three, hasty);

  it('lets as many through again as are over, never more in any stretch of its length', async () => {
    const sent: number[] = [];
    const answered: number[] = [];
    const end = Date.now() + 2.5 * shortWindow;
    let asked = 0;
    const hammer = async () => {
      while (Date.now() < end) {
        asked += 1;
        const began = Date.now();
        const { allowed } = await pass('boundary', `r${asked}`);
        if (!allowed) continue;
        sent.push(began);
        answered.push(Date.now());
      }
    };
    await Promise.all([hammer(), hammer(), hammer()]);
    // Three at the beginning, then three for each window that is over; many more were asked for.
    expect(sent.length).toBeGreaterThanOrEqual(6);
    expect(asked).toBeGreaterThan(sent.length);
    // The fourth was let through no later than it was answered, and the first no earlier than it was sent.
    sent.sort((one, other) => one - other);
    answered.sort((one, other) => one - other);
    answered.slice(3).forEach((time, index) => {
      expect(time - (sent[index] ?? 0)).toBeGreaterThanOrEqual(shortWindow);
    });
  });

  it('is right after exactly as long as it says', async () => {
    for (let n = 0; n < 3; n += 1) await pass('promise', `a${n}`);
    const refused = await pass('promise', 'b');
    if (refused.allowed || refused.retryAfterMs === undefined) throw new Error('it should be refused');
    await wait(refused.retryAfterMs);
    expect(await pass('promise', 'b')).toMatchObject({ allowed: true });
  });

  it('leaves nothing behind: an alarm clears the storage away', async () => {
    await pass('cleaned', 'a');
    expect(await hasty.bucketRows('cleaned', 'SELECT id FROM admissions')).toEqual([{ id: 'a' }]);
    await wait(shortWindow + 300);
    const tables = "SELECT count(*) AS n FROM sqlite_master WHERE name = 'admissions'";
    for (let tries = 0; tries < 20; tries += 1) {
      const [row] = (await hasty.bucketRows('cleaned', tables)) as { n: number }[];
      if (row?.n === 0) break;
      await wait(200);
    }
    expect(await hasty.bucketRows('cleaned', tables)).toEqual([{ n: 0 }]);
    // And it works as new.
    expect(await pass('cleaned', 'a')).toMatchObject({ allowed: true, usage: { requests: 1 } });
    expect(await hasty.bucketRows('cleaned', 'SELECT id FROM admissions')).toEqual([{ id: 'a' }]);
  });

  it('is not begun by who only asks', async () => {
    expect(await hasty.call('LIMITER', 'usage', 'curious')).toEqual({ requests: 0, tokens: 0, clearInMs: 0 });
    const tables = "SELECT count(*) AS n FROM sqlite_master WHERE name = 'admissions'";
    expect(await hasty.bucketRows('curious', tables)).toEqual([{ n: 0 }]);
  });
});

describe('a client of rate-limiter', () => {
  it('reserves, settles, releases and sees what it has used', async () => {
    const limits = { requestsPerMinute: 3, tokensPerMinute: 1000 };
    const key = await newOrganisation(workers, 'client', { rateLimits: limits });
    const made = await asClient(key, 'POST', 'reservations', { id: 'a', tokens: 100 });
    expect([made.status, await made.json()]).toEqual([
      201,
      { id: 'a', tokens: 100, repeated: false, usage: { requests: 1, tokens: 100, clearInMs: 60_000 } },
    ]);
    expect(made.headers.get('x-ratelimit-remaining-requests')).toBe('2');
    expect(made.headers.get('x-ratelimit-remaining-tokens')).toBe('900');
    expect((await asClient(key, 'POST', 'reservations', { id: 'a', tokens: 100 })).status).toBe(200);
    expect((await asClient(key, 'PATCH', 'reservations/a', { tokens: 40 })).status).toBe(200);
    expect((await asClient(key, 'PATCH', 'reservations/a', { tokens: 41 })).status).toBe(409);
    expect((await asClient(key, 'DELETE', 'reservations/a')).status).toBe(409);
    expect((await asClient(key, 'DELETE', 'reservations/never')).status).toBe(404);
    await asClient(key, 'POST', 'reservations', { id: 'b', tokens: 0 });
    expect((await asClient(key, 'DELETE', 'reservations/b')).status).toBe(204);
    const usage = await asClient(key, 'GET', 'usage');
    expect(await usage.json()).toMatchObject({ usage: { requests: 1, tokens: 40 }, limits });
    const tooLarge = await asClient(key, 'POST', 'reservations', { id: 'c', tokens: 1001 });
    expect([tooLarge.status, tooLarge.headers.get('retry-after')]).toEqual([413, null]);
    for (const id of ['d', 'e']) await asClient(key, 'POST', 'reservations', { id, tokens: 1 });
    const refused = await asClient(key, 'POST', 'reservations', { id: 'f', tokens: 1 });
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(50);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    expect(await refused.json()).toMatchObject({ error: { code: 'rate_limited' } });
  });

  it('can neither give back what a worker reserved for it, nor forget what it has used', async () => {
    const key = await newOrganisation(workers, 'sly');
    await reserve('sly', 'image:a', 500);
    expect((await asClient(key, 'DELETE', 'reservations/image:a')).status).toBe(404);
    expect((await asClient(key, 'PATCH', 'reservations/image:a', { tokens: 0 })).status).toBe(404);
    expect((await asClient(key, 'DELETE', 'usage')).status).toBe(403);
    expect(await workers.call('LIMITER', 'usage', 'sly')).toMatchObject({ tokens: 500 });
    const resetter = await newOrganisation(workers, 'sly', {}, ['limits', 'limits:reset']);
    expect((await asClient(resetter, 'DELETE', 'usage')).status).toBe(204);
    expect(await workers.call('LIMITER', 'usage', 'sly')).toMatchObject({ requests: 0, tokens: 0 });
    expect(await reserve('sly', 'image:a', 500)).toMatchObject({ allowed: true, usage: { requests: 1 } });
  });

  it('needs a key that is for it', async () => {
    const images = await newOrganisation(workers, 'painter', {}, ['images']);
    expect((await asClient(images, 'GET', 'usage')).status).toBe(403);
    for (const wrong of ['', 'nonsense', adminKey]) {
      expect((await asClient(wrong, 'GET', 'usage')).status).toBe(401);
    }
    expect((await asClient(testKey, 'GET', 'usage')).status).toBe(200);
    const answer = await asClient(testKey, 'POST', 'usage');
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, DELETE']);
    expect((await workers.fetch('rate-limiter/v1/%ff')).status).toBe(404);
    expect((await asClient(testKey, 'POST', 'reservations', { id: 'a b', tokens: 1 })).status).toBe(400);
  });
});
