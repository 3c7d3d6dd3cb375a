import { describe, expect, it } from '@jest/globals';
import { rulesFor } from '../../../src/core/gpu/firewall.ts';
import { endCutOff } from '../../../src/operations/gpu/end-cut-off.ts';
import { silentReporter } from '../../../src/operations/reporter.ts';
import type { Fault } from '../../support/cloudflare-api/faults.ts';
import { accessTo, createsOf, ensure, startEnsure } from '../../support/gpu-suite.ts';
import { linodeForEachTest } from '../../support/linode-api/for-each-test.ts';

const fake = linodeForEachTest();

/** Lets so many requests through and no further ones, as if the process had been ended there. */
function endAfter(requests: number): void {
  let left = requests;
  fake.strike(() => {
    left -= 1;
    return left < 0 ? { status: 400 } : undefined;
  });
}

describe('an answer that is lost', () => {
  const faults: readonly (readonly [string, Fault])[] = [
    ['503 before', { status: 503 }],
    ['503 after', { status: 503, afterwards: true }],
    ['408 after', { status: 408, afterwards: true }],
    ['cut before', { cut: true }],
    ['cut after', { cut: true, afterwards: true }],
    ['no answer', { hang: true, afterwards: true }],
    ['429', { status: 429, headers: { 'retry-after': '0' } }],
    ['busy', { status: 400, body: { errors: [{ reason: 'Linode busy.' }] } }],
  ];
  const routes = ['POST /networking/firewalls', 'POST /linode/instances', 'GET /linode/instances'];

  it.each(routes.flatMap((route) => faults.map(([what, fault]) => [route, what, fault] as const)))(
    '%s: %s; it is looked for by its label, and there is one',
    async (route, _what, fault) => {
      fake.fail(route, 1, fault);
      const { result, begun } = startEnsure(fake);
      expect(await result).toMatchObject({ status: 'created', created: true });
      expect([fake.instances.made, fake.firewalls.firewalls.size, begun.length]).toEqual([1, 1, 2]);
    },
  );

  it('is looked for before it is asked for again', async () => {
    fake.fail('POST /linode/instances', 1, { cut: true });
    await ensure(fake);
    const asked = fake.requests.map(({ method, path }) => `${method} ${path}`);
    const [one, other] = asked.flatMap((it, at) => (it === 'POST /linode/instances' ? [at] : []));
    expect(asked.slice(one, other).filter((it) => it === 'GET /linode/instances').length).toBeGreaterThan(2);
  }, 20_000);

  it('of another run is not taken for the own: it is not deleted', async () => {
    fake.instances.bootMs = 60_000;
    let other = 0;
    fake.strike((method, path) => {
      if (method !== 'POST' || path !== '/linode/instances' || other !== 0) return undefined;
      other = fake.instances.add({ label: 'sandbox', tags: ['launch', 'launch-run:000000000000'] }).id;
      return { cut: true };
    });
    const result = await ensure(fake, { onFailure: 'delete', timeoutMs: 200 });
    expect(result).toMatchObject({ status: 'failed', created: false });
    expect(fake.live().map(({ id }) => id)).toEqual([other]);
  });
});

describe('a run that is ended at any request', () => {
  it('leaves one instance at most, which the label finds, and the next run adopts', async () => {
    await ensure(fake, { label: 'whole' });
    const count = fake.requests.length;
    const before = fake.instances.made;
    for (let requests = 0; requests < count; requests += 1) {
      const label = `ended-${requests}`;
      endAfter(requests);
      const { result } = startEnsure(fake, { label, timeoutMs: 1 });
      await result.catch(() => undefined);
      fake.strike(undefined);
      const left = fake.live().filter((it) => it.label === label);
      const again = await ensure(fake, { label });
      expect([left.length <= 1, again.status]).toEqual([true, left.length === 1 ? 'adopted' : 'created']);
      if (left[0] !== undefined) expect(again.instance?.id).toBe(left[0].id);
    }
    expect(fake.instances.made - before).toBe(count);
    expect(createsOf(fake).length).toBeGreaterThan(count - 2);
  }, 60_000);

  it('and nothing else is done by it: what it has begun is deleted by the end of the job', async () => {
    const access = accessTo(fake);
    for (let requests = 4; requests < 12; requests += 1) {
      const label = `ended-${requests}`;
      endAfter(requests);
      const { result, begun } = startEnsure(fake, { label, onFailure: 'delete', timeoutMs: 1 });
      await result.catch(() => undefined);
      fake.strike(undefined);
      const left = begun.at(-1);
      if (left !== undefined) await endCutOff(access, left, silentReporter);
      expect(fake.live()).toEqual([]);
      expect(fake.firewalls.firewalls.size).toBe(0);
    }
  }, 60_000);
});

describe('an instance that does not come up', () => {
  it.each(['linode_create', 'linode_boot'] as const)(
    'because %s failed: kept, and told',
    async (failNext) => {
      fake.instances.failNext = failNext;
      const result = await ensure(fake);
      expect(result).toMatchObject({
        ...{ status: 'failed', created: true, instance: { label: 'sandbox' } },
        failure: { code: 'DEPLOY_FAILED', message: expect.stringContaining(`${failNext} failed`) },
      });
      expect(result.failure?.message).toContain('launch gpu delete --label sandbox');
      expect(fake.live()).toHaveLength(1);
    },
  );

  it('is deleted where that is asked for, with its firewall', async () => {
    fake.instances.failNext = 'linode_boot';
    const { result, begun } = startEnsure(fake, { onFailure: 'delete' });
    expect(await result).toMatchObject({
      failure: { message: expect.stringContaining('has been deleted again') },
    });
    expect([fake.live(), fake.firewalls.firewalls.size, begun.at(-1)]).toEqual([[], 0, undefined]);
  });

  it('is deleted also when somebody has given it another label', async () => {
    fake.instances.bootMs = 60_000;
    const { result } = startEnsure(fake, { onFailure: 'delete', timeoutMs: 300 });
    await new Promise((done) => setTimeout(done, 150));
    for (const instance of fake.instances.instances.values()) instance.label = 'renamed';
    expect(await result).toMatchObject({ status: 'failed' });
    expect(fake.live()).toEqual([]);
  });

  it('by a deletion that fails is left to the end of the job', async () => {
    fake.instances.failNext = 'linode_boot';
    fake.fail('DELETE /linode/instances/*', 1, { status: 400 });
    const { result, begun } = startEnsure(fake, { onFailure: 'delete' });
    expect(await result).toMatchObject({
      failure: { message: expect.stringContaining('launch gpu status') },
    });
    const left = begun.at(-1);
    expect(left).toMatchObject({ label: 'sandbox', onFailure: 'delete' });
    if (left !== undefined)
      expect(await endCutOff(accessTo(fake), left, silentReporter)).toContain('is deleted');
    expect(fake.live()).toEqual([]);
  });

  it('in time is a TIMEOUT that says how far it was', async () => {
    fake.instances.bootMs = 60_000;
    expect(await ensure(fake, { timeoutMs: 150 })).toMatchObject({
      failure: { code: 'TIMEOUT', message: expect.stringContaining('linode_create started') },
    });
  });

  it('because somebody deleted it is told so', async () => {
    fake.instances.bootMs = 60_000;
    const { result } = startEnsure(fake);
    await new Promise((done) => setTimeout(done, 150));
    fake.instances.instances.clear();
    expect(await result).toMatchObject({
      failure: { message: expect.stringContaining('Somebody has deleted') },
    });
  });

  it('is waited for through faults of the API', async () => {
    fake.instances.bootMs = 300;
    fake.fail('GET /linode/instances/*', 12, { status: 503 }, 1);
    fake.fail('GET /account/events', 12, { cut: true }, 1);
    expect(await ensure(fake)).toMatchObject({ status: 'created' });
  });

  it('is waited for without events, where the token may not see them', async () => {
    fake.account.closed.add('/account/events');
    expect(await ensure(fake)).toMatchObject({ status: 'created' });
  });
});

describe('what a run has begun, and never came to', () => {
  const begun = { label: 'sandbox', run: 'a'.repeat(12), since: Date.now(), onFailure: 'delete' } as const;
  const madeFor = (label: string, linode: number) =>
    fake.firewalls.add({
      label: `launch-${label}`,
      rules: rulesFor(label, { ipv4: ['203.0.113.7/32'], ipv6: [] }),
      linodes: new Set([linode]),
    });

  it.each([
    ["another run's", { tags: ['launch', 'launch-run:000000000000'] }, true],
    ['older than the run', { created: '2026-01-01T00:00:00' }, true],
    ['made by hand', {}, false],
  ])('is not there: the instance of that label is %s, and is left', async (_what, part, behind) => {
    const { id } = fake.instances.add({ label: 'sandbox', status: 'running', ...part });
    if (behind) madeFor('sandbox', id);
    expect(await endCutOff(accessTo(fake), begun, silentReporter)).toContain('left alone');
    expect([fake.live().length, fake.firewalls.firewalls.size]).toEqual([1, behind ? 1 : 0]);
  });

  it('is told so by the run itself', async () => {
    fake.strike((method, path) => {
      if (method !== 'POST' || path !== '/linode/instances') return undefined;
      fake.instances.add({ label: 'sandbox', tags: ['launch', 'launch-run:000000000000'] });
      return { status: 400 };
    });
    await expect(ensure(fake, { onFailure: 'delete' })).rejects.toMatchObject({
      message: expect.stringContaining('did not make; it is left alone'),
    });
    expect(fake.live()).toHaveLength(1);
  });
});

describe('a run that is cancelled', () => {
  const cancel = async (onFailure: 'keep' | 'delete', route: string) => {
    const controller = new AbortController();
    fake.instances.bootMs = 60_000;
    fake.strike((method, path) => {
      if (`${method} ${path}` !== route) return undefined;
      setTimeout(() => controller.abort(), 30);
      return route.startsWith('POST') ? { hang: true, afterwards: true } : undefined;
    });
    const run = startEnsure(fake, { onFailure, signal: controller.signal });
    const code = await run.result.then(
      ({ failure }) => failure?.code,
      (error) => error.code,
    );
    return { ...run, code };
  };

  it('while it waits leaves the instance, and says so', async () => {
    const { code, result, begun } = await cancel('keep', 'GET /account/events');
    expect(code).toBe('CANCELLED');
    expect((await result).failure?.message).toContain('the next run adopts it');
    expect([fake.live().length, begun.at(-1)]).toEqual([1, undefined]);
  });

  it('deletes it where that is asked for', async () => {
    const { code, begun } = await cancel('delete', 'GET /account/events');
    expect([code, fake.live(), fake.firewalls.firewalls.size, begun.at(-1)]).toEqual([
      'CANCELLED',
      [],
      0,
      undefined,
    ]);
  });

  it.each([
    ['as long as that takes', undefined, []],
    ['as long as it may, and leaves the rest to the end of the job', 1000, ['sandbox']],
  ])(
    'deletes it although it is at work: %s',
    async (_what, cancelledMs, left) => {
      const controller = new AbortController();
      fake.instances.bootMs = 60_000;
      // Together the waits before it is asked again take 6.3 s.
      fake.fail('DELETE /linode/instances/*', 6, {
        status: 400,
        body: { errors: [{ reason: 'Linode busy.' }] },
      });
      const { result, begun } = startEnsure(fake, {
        ...{ onFailure: 'delete', signal: controller.signal, cancelledMs },
        linode: { timeout: 400, firstWait: 100 },
        onInstance: () => controller.abort(),
      });
      expect(await result).toMatchObject({ failure: { code: 'CANCELLED' } });
      expect(fake.live().map(({ label }) => label)).toEqual(left);
      expect(begun.at(-1) === undefined).toBe(left.length === 0);
    },
    20_000,
  );

  it('in the middle of the create looks for what became of it', async () => {
    const { code } = await cancel('delete', 'POST /linode/instances');
    expect([code, fake.instances.made, fake.live(), fake.firewalls.firewalls.size]).toEqual([
      'CANCELLED',
      1,
      [],
      0,
    ]);
  });
});

it('a user without tags: what a run has begun is known by its firewall and its time', async () => {
  fake.account.profile = { ...fake.account.profile, restricted: true };
  fake.instances.failNext = 'linode_boot';
  fake.fail('POST /linode/instances', 1, { cut: true, afterwards: true });
  expect(await ensure(fake, { ttlMs: undefined, onFailure: 'delete' })).toMatchObject({ status: 'failed' });
  expect([fake.live(), fake.firewalls.firewalls.size]).toEqual([[], 0]);
});
