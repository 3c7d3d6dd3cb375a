import { describe, expect, it } from '@jest/globals';
import { isRestricted } from '../../../src/adapters/linode/account.ts';
import { type LinodeClientOptions, linodeClient } from '../../../src/adapters/linode/api.ts';
import { isAmbiguous, linodeStatusOf } from '../../../src/adapters/linode/failure.ts';
import { findFirewall } from '../../../src/adapters/linode/firewalls.ts';
import {
  createInstance,
  deleteInstance,
  findInstance,
  listInstances,
} from '../../../src/adapters/linode/instances.ts';
import { listAvailability, listRegions, listTypes } from '../../../src/adapters/linode/offers.ts';
import { ensureStackScript, findStackScript } from '../../../src/adapters/linode/stackscripts.ts';
import { linodeForEachTest } from '../../support/linode-api/for-each-test.ts';

const fake = linodeForEachTest();
const client = (options: Partial<LinodeClientOptions> = {}) =>
  linodeClient({ token: fake.token, apiUrl: fake.url, timeout: 300, firstWait: 5, ...options });
const failureOf = async (work: Promise<unknown>) =>
  await work.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: unknown) => error,
  );
const body = {
  type: 'g2-gpu-rtx4000a1-s',
  region: 'us-ord',
  label: 'sandbox',
  image: 'linode/ubuntu24.04',
  root_pass: 'Some-long-Pass-word-1',
};

describe('the client of the Linode API', () => {
  it('sends the token and reads what is there', async () => {
    expect(await listInstances(client())).toEqual([]);
    expect((await listTypes(client())).filter((it) => it.class === 'gpu').length).toBeGreaterThan(2);
    expect((await listRegions(client())).map(({ id }) => id)).toContain('us-ord');
    expect(await listAvailability(client())).toEqual([]);
    expect(await isRestricted(client())).toBe(false);
    expect(fake.requests[0]?.headers.authorization).toBe(`Bearer ${fake.token}`);
  });

  it('reads a list to its last page', async () => {
    for (let at = 0; at < 520; at += 1) fake.instances.add({ label: `it-${at}` });
    expect(await listInstances(client())).toHaveLength(520);
    expect(fake.requests).toHaveLength(2);
  });

  it('finds by label alone', async () => {
    fake.instances.add({ label: 'sandbox-2' });
    expect(await findInstance(client(), 'sandbox')).toBeUndefined();
    expect(await findInstance(client(), 'sandbox-2')).toMatchObject({ label: 'sandbox-2' });
    expect(await findFirewall(client(), 'no"such\u00e9')).toBeUndefined();
  });

  it('trusts no filter of the API with what it may delete', async () => {
    fake.instances.add({ label: 'other' });
    const sandbox = fake.instances.add({ label: 'sandbox' });
    const unfiltered = async (url: string | URL | Request, options?: RequestInit) => {
      const { 'x-filter': _filter, ...headers } = Object.fromEntries(new Headers(options?.headers));
      return await fetch(url, { ...options, headers });
    };
    expect(await findInstance(client({ fetch: unfiltered }), 'sandbox')).toMatchObject({ id: sandbox.id });
  });

  it('follows nobody elsewhere with its token', async () => {
    fake.fail('GET /linode/instances', 1, { status: 302, headers: { location: `${fake.url}/linode/types` } });
    expect(await failureOf(listInstances(client({ retries: 0 })))).toMatchObject({ code: 'API_ERROR' });
    expect(fake.requests).toHaveLength(1);
  });

  it('tells a wrong token as API_AUTH, once', async () => {
    const error = await failureOf(listInstances(client({ token: 'wrong' })));
    expect(error).toMatchObject({ code: 'API_AUTH', message: expect.stringContaining('Invalid Token') });
    expect(fake.requests).toHaveLength(1);
  });

  it.each(['', 'secret\nInjected: header'])('refuses the token %j without showing it', (token) => {
    expect(() => client({ token })).toThrow(expect.objectContaining({ code: 'API_AUTH' }));
    expect(() => client({ token })).not.toThrow(/secret/);
  });

  it.each([
    'http://api.linode.com/v4',
    'http://127.0.0.1.evil.example/v4',
    'ftp://x/',
    'x',
    'https://a:b@c/v4',
  ])('does not send the token to %s', (apiUrl) => {
    expect(() => client({ apiUrl })).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });

  it('names field and reason', async () => {
    const error = await failureOf(createInstance(client(), { ...body, root_pass: 'aaaaaaaaaaaaaaaaaa' }));
    expect(error).toMatchObject({
      code: 'API_ERROR',
      message: expect.stringContaining('root_pass: Password does not meet strength requirement'),
    });
    expect(isAmbiguous(error)).toBe(false);
  });
});

describe('a fault that passes', () => {
  it.each([
    ['429', { status: 429, headers: { 'retry-after': '0' } }],
    ['Linode busy', { status: 400, body: { errors: [{ reason: 'Linode busy.' }] } }],
  ])('%s is waited out, also by a create', async (_what, fault) => {
    fake.fail('POST /linode/instances', 2, fault);
    expect(await createInstance(client(), body)).toMatchObject({ label: 'sandbox' });
    expect(fake.instances.made).toBe(1);
  });

  it('as long as Retry-After says', async () => {
    fake.fail('GET /linode/instances', 1, { status: 429, headers: { 'retry-after': '1' } });
    const began = performance.now();
    await listInstances(client());
    expect(performance.now() - began).toBeGreaterThan(990);
  });

  it.each([
    ['503', { status: 503 }],
    ['408', { status: 408 }],
    ['a cut connection', { cut: true } as const],
  ])('%s is waited out where to ask again does no harm', async (_what, fault) => {
    fake.fail('GET /linode/instances', 2, fault);
    expect(await listInstances(client())).toEqual([]);
    const { id } = fake.instances.add({ label: 'gone' });
    fake.fail('DELETE /linode/instances/*', 1, { ...fault, afterwards: true });
    // Asked again, it may be gone already.
    await deleteInstance(client(), id);
    expect(fake.live()).toEqual([]);
  });

  it.each([
    ['503', { status: 503 }],
    ['a cut connection', { cut: true } as const],
    ['no answer', { hang: true } as const],
  ])('%s leaves the fate of a create open, and it is not sent twice', async (_what, fault) => {
    fake.fail('POST /linode/instances', 1, { ...fault, afterwards: true });
    const error = await failureOf(createInstance(client(), body));
    expect(isAmbiguous(error)).toBe(true);
    expect(fake.requests).toHaveLength(1);
    expect(fake.instances.made).toBe(1);
  });
});

it('a maintenance of the API is told at once', async () => {
  fake.fail('GET /linode/instances', 9, { status: 503, headers: { 'x-maintenance-mode': 'All endpoints' } });
  const error = await failureOf(listInstances(client()));
  expect(error).toMatchObject({ message: expect.stringContaining('maintenance') });
  expect(fake.requests).toHaveLength(1);
});

it('a wait that is too long is told at once', async () => {
  fake.fail('GET /linode/instances', 9, { status: 429, headers: { 'retry-after': '3600' } });
  const error = await failureOf(listInstances(client()));
  expect(error).toMatchObject({ message: expect.stringContaining('3600 s') });
  expect([fake.requests.length, linodeStatusOf(error)]).toEqual([1, 429]);
});

it('a run that is cancelled says so', async () => {
  const controller = new AbortController();
  fake.fail('GET /linode/instances', 1, { hang: true });
  setTimeout(() => controller.abort(), 50);
  const work = listInstances(client({ signal: controller.signal, timeout: 5000 }));
  expect(await failureOf(work)).toMatchObject({ code: 'CANCELLED' });
});

it("takes the API's time where this machine's is wrong", async () => {
  const ahead = client({
    fetch: async () =>
      new Response('{"data":[],"page":1,"pages":1}', {
        headers: { date: new Date(Date.now() + 3_600_000).toUTCString() },
      }),
  });
  await listInstances(ahead);
  expect(Math.abs(ahead.now() - Date.now() - 3_600_000)).toBeLessThan(2000);
});

it('of several StackScripts of a label the oldest is meant; a lost answer makes no second one', async () => {
  fake.stackscripts.add({ label: 'launch-x', script: '#!/bin/sh\n', mine: false });
  fake.fail('POST /linode/stackscripts', 1, { cut: true, afterwards: true });
  const text = { label: 'launch-x', description: '', script: '#!/bin/sh\n', images: ['linode/ubuntu24.04'] };
  const { resource } = await ensureStackScript(client(), { ...text, revisionNote: '1' });
  fake.stackscripts.add({ label: 'launch-x', script: '#!/bin/bash\n' });
  expect((await findStackScript(client(), 'launch-x'))?.id).toBe(resource.id);
  expect(fake.stackscripts.stackscripts.size).toBe(3);
});
