import { describe, expect, it } from '@jest/globals';
import { deletionTag, deletionTime } from '../../../src/core/gpu/tags.ts';
import { changesOf, createsOf, ensure, startEnsure } from '../../support/gpu-suite.ts';
import { linodeForEachTest } from '../../support/linode-api/for-each-test.ts';

const fake = linodeForEachTest();
const running = { status: 'running' } as const;

it('a second run adopts, and renews the time to live', async () => {
  const { instance } = await ensure(fake, { ttlMs: 60_000 });
  const again = startEnsure(fake, { ttlMs: 7_200_000 });
  expect(await again.result).toMatchObject({
    status: 'adopted',
    created: false,
    instance: { id: instance?.id },
  });
  const time = deletionTime(fake.live()[0]?.tags ?? []);
  expect(time.kind === 'at' && time.ms - Date.now()).toBeGreaterThan(7_100_000);
  expect(again.reporter.text()).toContain('to be deleted in 2 h');
  expect([createsOf(fake).length, again.begun]).toEqual([1, []]);
});

it('without a time to live what stands, stands, and is said', async () => {
  await ensure(fake);
  const { notices } = await ensure(fake, { ttlMs: undefined });
  expect(notices.join()).toContain('as an earlier run said');
  expect(changesOf(fake)).not.toContain('PUT /linode/instances/…');
});

describe('an instance of that label that Launch did not make', () => {
  it('is adopted where it fits', async () => {
    fake.instances.add({ label: 'sandbox', ...running });
    const result = await ensure(fake, { ttlMs: undefined });
    expect(result).toMatchObject({ status: 'adopted' });
    expect(result.notices.join()).toContain('Launch did not make');
    expect(changesOf(fake)).toEqual([]);
  });

  it.each([
    ['type', { type: 'g6-nanode-1' }, /its type is g6-nanode-1/],
    ['image', { image: 'linode/debian12' }, /from linode\/debian12/],
    ['region', { region: 'br-gru' }, /it is in br-gru/],
  ])('is refused when it is of another %s', async (_what, part, message) => {
    fake.instances.add({ label: 'sandbox', ...running, ...part });
    const work = ensure(fake, { regions: ['us-ord'], onFailure: 'delete' });
    await expect(work).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(message),
    });
    expect(changesOf(fake)).toEqual([]);
  });

  it.each([true, false])(
    'gets no time to live, by which it would be deleted (dry run: %s)',
    async (dryRun) => {
      fake.instances.add({ label: 'sandbox', ...running });
      await expect(ensure(fake, { ttlMs: 3_600_000, dryRun })).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
        message: expect.stringMatching(/did not make.*left alone/),
      });
      expect([changesOf(fake), fake.live()]).toEqual([[], [expect.objectContaining({ tags: [] })]]);
    },
  );

  it('is not deleted when it does not come up', async () => {
    fake.instances.add({ label: 'sandbox' });
    fake.instances.bootMs = 60_000;
    const result = await ensure(fake, { ttlMs: undefined, onFailure: 'delete', timeoutMs: 100 });
    expect(result).toMatchObject({
      status: 'failed',
      failure: { code: 'TIMEOUT', message: expect.stringContaining('left as it is') },
    });
    expect(fake.live()).toHaveLength(1);
  });
});

it('one of Launch that is something else is adopted with a warning', async () => {
  fake.instances.add({ label: 'sandbox', type: 'g1-gpu-rtx6000-1', tags: ['launch'], ...running });
  expect((await ensure(fake)).notices.join()).toContain('is not what is asked for');
});

it('one that costs more than it may is refused and left', async () => {
  fake.instances.add({ label: 'sandbox', tags: ['launch'], ...running });
  const work = ensure(fake, { maxHourlyCost: 0.4 });
  await expect(work).rejects.toMatchObject({ message: expect.stringContaining('goes on costing') });
  expect(changesOf(fake)).toEqual([]);
});

it('one whose price is not published is refused where there is a limit', async () => {
  fake.instances.add({ label: 'sandbox', type: 'g9-gpu-unknown', tags: ['launch'], ...running });
  await expect(ensure(fake, { maxHourlyCost: 100 })).rejects.toMatchObject({
    message: expect.stringContaining('a price that is not published'),
  });
  expect(changesOf(fake)).toEqual([]);
});

it('one that is powered off is booted', async () => {
  fake.instances.add({ label: 'sandbox', tags: ['launch'], status: 'offline' });
  expect(await ensure(fake)).toMatchObject({ status: 'adopted', instance: { status: 'running' } });
});

it('one that is being deleted is waited for, and another is made', async () => {
  const old = fake.instances.add({ label: 'sandbox', tags: ['launch'], ...running });
  old.deletedAt = Date.now();
  old.status = 'deleting';
  fake.instances.deleteMs = 150;
  expect(await ensure(fake)).toMatchObject({ status: 'created' });
});

it('one that is deleted just before it is renewed is made anew', async () => {
  const { id } = fake.instances.add({
    label: 'sandbox',
    tags: [deletionTag(Date.now() - 1000), 'launch'],
    ...running,
  });
  fake.strike((method, path) => {
    if (method === 'PUT' && path === `/linode/instances/${id}`) fake.instances.instances.delete(id);
    return undefined;
  });
  expect(await ensure(fake)).toMatchObject({ status: 'created' });
  expect(fake.live()).toHaveLength(1);
});

it('two runs at the same time make one', async () => {
  const results = await Promise.all([ensure(fake), ensure(fake), ensure(fake)]);
  expect(new Set(results.map(({ instance }) => instance?.id)).size).toBe(1);
  expect(results.filter(({ created }) => created)).toHaveLength(1);
  expect([fake.instances.made, fake.firewalls.firewalls.size]).toEqual([1, 1]);
});
