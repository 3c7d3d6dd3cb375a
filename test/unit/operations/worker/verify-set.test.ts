import { describe, expect, it } from '@jest/globals';
import type { WorkerNote } from '../../../../src/core/cloudflare/worker-note.ts';
import { LaunchError } from '../../../../src/core/errors.ts';
import { silentReporter } from '../../../../src/operations/reporter.ts';
import { type VerifySetRequest, verifySet } from '../../../../src/operations/worker/verify-set.ts';

const note = (service: string, part: Partial<WorkerNote> = {}): WorkerNote => ({
  service,
  target: 'edge',
  attempt: 1,
  status: 'deployed',
  url: `https://${service}.example.org`,
  versionId: `${service}-2`,
  previousVersionId: `${service}-1`,
  ...part,
});

/** Three workers that were deployed, in this order, and what happens to them. */
function set(
  part: Partial<VerifySetRequest> = {},
  notes: readonly WorkerNote[] = [note('a'), note('b'), note('c')],
) {
  const live = new Map(notes.map(({ service, versionId }) => [service, versionId ?? `${service}-1`]));
  const told: string[] = [];
  const request: VerifySetRequest = {
    target: 'edge',
    services: ['a', 'b', 'c'],
    notes: new Map(notes.map((it) => [it.service, it])),
    atomic: false,
    others: {},
    liveShares: async (service) => {
      const versionId = live.get(service);
      return versionId === undefined ? [] : [{ versionId, percentage: 100 }];
    },
    test: async (urls) => {
      told.push(`test ${Object.keys(urls).join(' ')}`);
      return { outcome: 'passed' };
    },
    goBack: async (service, { from, to }) => {
      if (live.get(service) !== from) return 'somebody else has deployed meanwhile';
      told.push(`${service} to ${to}`);
      live.set(service, to);
      return undefined;
    },
    ...part,
  };
  return { told, live, verify: async () => await verifySet(request, silentReporter) };
}
const failing = (told: string[] = []): VerifySetRequest['test'] => {
  return async () => {
    told.push('test');
    return { outcome: 'failed', reason: 'exit status 1', lines: ['no'] };
  };
};

describe('verifySet', () => {
  it('tests all of them, and leaves them when that passes', async () => {
    const { told, verify } = set();
    expect(await verify()).toMatchObject({ tested: true, failure: undefined, takenBack: [], left: [] });
    expect(told).toEqual(['test a b c']);
  });

  it('tells the tests of the target’s other workers, too', async () => {
    const { told, verify } = set({ others: { a: 'https://old.example.org', z: 'https://z.example.org' } });
    expect((await verify()).urls).toMatchObject({ a: 'https://a.example.org', z: 'https://z.example.org' });
    expect(told).toEqual(['test a z b c']);
  });

  it('takes all of them back when it fails, the last one first', async () => {
    const { told, verify } = set({ test: failing() });
    expect(await verify()).toMatchObject({
      tested: true,
      failure: { reason: 'exit status 1', lines: ['no'] },
      takenBack: [{ service: 'c', from: 'c-2', to: 'c-1' }, { service: 'b' }, { service: 'a' }],
      left: [],
    });
    expect(told).toEqual(['c to c-1', 'b to b-1', 'a to a-1']);
  });

  it('leaves a new worker, says so, and takes the others back', async () => {
    const { told, verify } = set({ test: failing() }, [
      note('a'),
      note('b', { previousVersionId: undefined }),
      note('c', { status: 'unchanged', versionId: 'c-1' }),
    ]);
    const result = await verify();
    expect(result.left).toEqual([{ service: 'b', why: 'it is new, so there is no version to go back to' }]);
    expect(told).toEqual(['a to a-1']);
  });

  it('goes on with the others where one can’t be taken back', async () => {
    const { verify } = set({
      test: failing(),
      goBack: async (service) => {
        if (service === 'c') throw new LaunchError('API_ERROR', 'Cloudflare is down.', { remedy: 'Wait.' });
        return service === 'b' ? 'Cloudflare refuses' : undefined;
      },
    });
    const result = await verify();
    expect(result.left).toEqual([
      { service: 'c', why: 'Cloudflare is down' },
      { service: 'b', why: 'Cloudflare refuses' },
    ]);
    expect(result.takenBack.map(({ service }) => service)).toEqual(['a']);
  });

  it('does not touch what somebody has deployed while it was tested', async () => {
    const { told, live, verify } = set({
      test: async () => {
        live.set('b', 'b-3');
        return { outcome: 'failed', reason: 'exit status 1', lines: [] };
      },
    });
    const result = await verify();
    expect(told).toEqual(['c to c-1', 'a to a-1']);
    expect(result.left).toEqual([{ service: 'b', why: 'somebody else has deployed meanwhile' }]);
    expect(live.get('b')).toBe('b-3');
  });

  it('tests what there is where one failed, unless it is all or nothing', async () => {
    const notes = [note('a'), note('b', { status: 'rolled-back', versionId: undefined })];
    const some = set({}, notes);
    expect(await some.verify()).toMatchObject({ tested: true, failure: undefined });
    expect(some.told).toEqual(['test a']);
    const atomic = set({ atomic: true }, notes);
    expect(await atomic.verify()).toMatchObject({
      tested: false,
      failure: { reason: 'b, c could not be deployed' },
      takenBack: [{ service: 'a', from: 'a-2', to: 'a-1' }],
    });
    expect(atomic.told).toEqual(['a to a-1']);
  });

  it('takes back also what failed and serves all the same', async () => {
    const { told, verify } = set({ atomic: true }, [note('a'), note('b', { status: 'failed' }), note('c')]);
    await verify();
    expect(told).toEqual(['c to c-1', 'b to b-1', 'a to a-1']);
  });

  it('tests nothing where nothing was deployed, or there are no tests', async () => {
    const none = set({}, []);
    expect(await none.verify()).toMatchObject({ tested: false, failure: undefined });
    expect(none.told).toEqual([]);
    expect(await set({ test: undefined }).verify()).toMatchObject({ tested: false, failure: undefined });
    const hidden = set({ test: failing() }, [note('a', { url: undefined })]);
    expect(await hidden.verify()).toMatchObject({ tested: false, failure: undefined });
    expect(hidden.told).toEqual([]);
  });

  it('does not pass for what was taken back, when its job is run again', async () => {
    const { live, told, verify } = set();
    live.set('b', 'b-1');
    await expect(verify()).rejects.toMatchObject({ code: 'SUPERSEDED' });
    expect(told).toEqual([]);
  });
});
