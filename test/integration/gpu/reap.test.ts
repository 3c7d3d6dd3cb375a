import { describe, expect, it } from '@jest/globals';
import { rulesFor } from '../../../src/core/gpu/firewall.ts';
import { deletionTag } from '../../../src/core/gpu/tags.ts';
import { deleteGpu } from '../../../src/operations/gpu/delete-instance.ts';
import { gpuStatus } from '../../../src/operations/gpu/gpu-status.ts';
import { reap } from '../../../src/operations/gpu/reap.ts';
import { silentReporter } from '../../../src/operations/reporter.ts';
import { accessTo, changesOf, ensure, wholeReporter } from '../../support/gpu-suite.ts';
import { linodeForEachTest } from '../../support/linode-api/for-each-test.ts';

const fake = linodeForEachTest();
const hour = 3_600_000;
const put = (label: string, msFromNow?: number, more: readonly string[] = []) =>
  fake.instances.add({
    label,
    status: 'running',
    tags: [...(msFromNow === undefined ? [] : [deletionTag(Date.now() + msFromNow)]), ...more],
  });
const putFirewall = (label: string, ageMs: number, linodes: readonly number[] = []) =>
  fake.firewalls.add({
    label: `launch-${label}`,
    rules: rulesFor(label, { ipv4: ['203.0.113.7/32'], ipv6: [] }),
    created: new Date(Date.now() - ageMs).toISOString().slice(0, 19),
    linodes: new Set(linodes),
  });
const live = () => fake.live().map(({ label }) => label);
const run = async (dryRun = false, reporter = silentReporter) =>
  await reap({ ...accessTo(fake), dryRun }, reporter);

describe('reap', () => {
  it('deletes what is past its time, with its firewall, and nothing else', async () => {
    const past = put('past', -hour);
    putFirewall('past', 2 * hour, [past.id]);
    put('off', -5000).status = 'offline';
    put('later', hour);
    put('without');
    put('unreadable', undefined, ['launch-delete-after:tomorrow']);
    put('two-times', -hour, [deletionTag(Date.now() + hour)]);
    const result = await run();
    expect(result).toMatchObject({
      status: 'reaped',
      failure: undefined,
      instances: [{ label: 'past' }, { label: 'off' }],
    });
    expect(result.notices.join()).toContain('launch-delete-after:tomorrow');
    expect(live()).toEqual(['later', 'without', 'unreadable', 'two-times']);
    expect(fake.firewalls.firewalls.size).toBe(0);
    expect(await run()).toMatchObject({ status: 'nothing' });
  });

  it('a dry run lists what it would delete', async () => {
    put('past', -hour);
    put('later', hour);
    expect(await run(true)).toMatchObject({ status: 'planned', instances: [{ label: 'past' }] });
    expect(changesOf(fake)).toEqual([]);
  });

  it.each([
    ['a 503', { status: 503 }],
    ['a cut connection', { cut: true } as const],
    ['a lost answer', { cut: true, afterwards: true } as const],
    ['a 429', { status: 429, headers: { 'retry-after': '0' } }],
    ['busy', { status: 400, body: { errors: [{ reason: 'Linode busy.' }] } }],
  ])('survives %s everywhere', async (_what, fault) => {
    put('past', -hour);
    put('past-2', -hour);
    put('later', hour);
    for (const route of ['GET /linode/instances', 'GET /linode/instances/*', 'DELETE /linode/instances/*']) {
      fake.fail(route, 2, fault);
    }
    expect(await run()).toMatchObject({ status: 'reaped', failure: undefined });
    expect(live()).toEqual(['later']);
  });

  it('one that can not be deleted does not spare the others, and fails the run; the next one deletes it', async () => {
    const first = put('stuck', -hour);
    put('past', -hour);
    fake.fail(`DELETE /linode/instances/${first.id}`, 1, {
      status: 400,
      body: { errors: [{ reason: 'No.' }] },
    });
    const result = await run();
    expect(result).toMatchObject({
      status: 'failed',
      failure: { code: 'API_ERROR', message: expect.stringContaining('No.') },
    });
    expect(live()).toEqual(['stuck']);
    expect(await run()).toMatchObject({ status: 'reaped' });
    expect(live()).toEqual([]);
  });

  it.each([401, 403])('what the token may not touch (%s) does not spare the others', async (status) => {
    const first = put('others', -hour);
    put('past', -hour);
    put('past-2', -hour);
    fake.fail(`DELETE /linode/instances/${first.id}`, 1, { status });
    fake.fail('GET /networking/firewalls', 99, { status });
    expect(await run()).toMatchObject({
      status: 'failed',
      instances: [{ label: 'past' }, { label: 'past-2' }],
    });
    expect(live()).toEqual(['others']);
  });

  it('spares one that is given more time meanwhile', async () => {
    const { id } = put('past', -hour);
    fake.strike((method, path) => {
      const found = fake.instances.instances.get(id);
      if (method === 'GET' && path === `/linode/instances/${id}` && found !== undefined) {
        found.tags = [deletionTag(Date.now() + hour)];
      }
      return undefined;
    });
    expect(await run()).toMatchObject({ status: 'nothing' });
    expect(live()).toEqual(['past']);
  });

  it.each([
    ["Linode's", hour, hour / 2],
    ["this machine's", -hour, -hour / 2],
  ])('does not trust a clock that is ahead of the other: %s', async (_whose, aheadMs, msFromNow) => {
    put('later', msFromNow);
    const linode = {
      fetch: async (...args: Parameters<typeof fetch>) => {
        const answer = await fetch(...args);
        const headers = new Headers(answer.headers);
        headers.set('date', new Date(Date.now() + aheadMs).toUTCString());
        return new Response(await answer.text(), { status: answer.status, headers });
      },
    };
    expect(await reap({ ...accessTo(fake), linode, dryRun: false }, silentReporter)).toMatchObject({
      status: 'nothing',
      notices: [expect.stringMatching(/clock of this machine is (ahead of|behind) Linode's by 60 min/)],
    });
  });

  it('takes firewalls away that nothing stands behind any more, and leaves those of a run that goes on', async () => {
    putFirewall('old', 2 * hour);
    putFirewall('young', 60_000);
    const used = put('used', hour);
    putFirewall('used', 2 * hour, [used.id]);
    fake.firewalls.add({
      label: 'somebodys',
      created: '2026-01-01T00:00:00',
      rules: { inbound: [], outbound: [], inbound_policy: 'DROP', outbound_policy: 'ACCEPT' },
    });
    await run();
    const labels = [...fake.firewalls.firewalls.values()].map(({ label }) => label);
    expect(labels).toEqual(['launch-young', 'launch-used', 'somebodys']);
  });

  it('finds those beyond the first page', async () => {
    for (let at = 0; at < 505; at += 1) put(`later-${at}`, hour);
    put('past', -hour);
    expect(await run()).toMatchObject({ instances: [{ label: 'past' }] });
  });
});

describe('a deletion', () => {
  const remove = async (part: { label?: string; id?: number; dryRun?: boolean }) =>
    await deleteGpu(
      { ...accessTo(fake), label: undefined, id: undefined, dryRun: false, ...part },
      wholeReporter(),
    );

  it('takes the instance and its firewall, and is fine with what is gone', async () => {
    await ensure(fake);
    expect(await remove({ label: 'sandbox', dryRun: true })).toMatchObject({ status: 'planned' });
    expect(live()).toEqual(['sandbox']);
    expect(await remove({ label: 'sandbox' })).toMatchObject({
      status: 'deleted',
      instance: { hourlyCost: 0.52 },
    });
    expect([live(), fake.firewalls.firewalls.size]).toEqual([[], 0]);
    expect(await remove({ label: 'sandbox', id: 5 })).toMatchObject({ status: 'absent' });
  });

  it('does not wait for prices that Linode does not tell', async () => {
    await ensure(fake);
    fake.fail('GET /linode/types', 99, { status: 403 });
    expect(await remove({ label: 'sandbox' })).toMatchObject({
      status: 'deleted',
      instance: { hourlyCost: null },
    });
    put('past', -hour);
    expect(await run()).toMatchObject({ status: 'reaped', failure: undefined });
    expect(live()).toEqual([]);
  });

  it('leaves the firewall to the next instance of that label, if there is one by then', async () => {
    const { instance } = await ensure(fake);
    fake.strike((method, path) => {
      if (method !== 'GET' || path !== '/networking/firewalls') return undefined;
      const [firewall] = fake.firewalls.firewalls.values();
      fake.instances.instances.delete(instance?.id ?? 0);
      firewall?.linodes.clear();
      firewall?.linodes.add(put('sandbox', hour).id);
      fake.strike(undefined);
      return undefined;
    });
    expect(await remove({ label: 'sandbox' })).toMatchObject({ status: 'deleted' });
    expect(fake.firewalls.firewalls.size).toBe(1);
  });

  it('that was ended before the firewall is finished by the next one', async () => {
    const { instance } = await ensure(fake);
    fake.fail('DELETE /networking/firewalls/*', 1, { status: 400 });
    await expect(remove({ id: instance?.id ?? 0 })).rejects.toMatchObject({ code: 'API_ERROR' });
    await new Promise((done) => setTimeout(done, 20));
    expect(await remove({ label: 'sandbox' })).toMatchObject({ status: 'absent' });
    expect(fake.firewalls.firewalls.size).toBe(0);
  });

  it('of what Launch did not make needs label and id', async () => {
    const { id } = put('database');
    await expect(remove({ label: 'database' })).rejects.toMatchObject({
      message: expect.stringContaining('did not make'),
    });
    await expect(remove({ id })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await expect(remove({ id, label: 'other' })).rejects.toMatchObject({
      message: expect.stringContaining('is called'),
    });
    await expect(remove({})).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    expect(live()).toEqual(['database']);
    expect(await remove({ id, label: 'database' })).toMatchObject({ status: 'deleted' });
  });
});

it('status tells one, or all of Launch with their time and cost', async () => {
  const status = async (label?: string) => await gpuStatus({ ...accessTo(fake), label });
  expect(await status('sandbox')).toMatchObject({ status: 'absent', instance: null });
  await ensure(fake);
  put('somebodys');
  expect(await status('sandbox')).toMatchObject({ status: 'running', instance: { costSoFar: 0.52 } });
  expect(await status()).toMatchObject({
    status: 'listed',
    instances: [{ label: 'sandbox', deleteAfter: expect.stringMatching(/Z$/) }],
  });
  // Without tags it is the firewall that tells.
  fake.account.profile = { ...fake.account.profile, restricted: true };
  await ensure(fake, { label: 'untagged', ttlMs: undefined });
  expect((await status()).instances.map(({ label }) => label)).toEqual(['sandbox', 'untagged']);
});
